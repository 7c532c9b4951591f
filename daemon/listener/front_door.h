#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/auth/proofs.h"
#include "daemon/dialect/registry.h"
#include "daemon/http/session.h"
#include "daemon/listener/account_desk.h"
#include "daemon/listener/page_desk.h"
#include "daemon/relay/relay.h"
#include "daemon/websocket/connection.h"

namespace routerone {

/// What the data port answers, and to whom: the Host must be a loopback name with our port, a
/// browser's page is nobody, and the path alone decides what is done. Relayed paths go to the
/// relay; the few of our own are answered here. One a loop.
class FrontDoor final : public http::Handler {
 public:
  FrontDoor(Relay& relay, const Clock& clock) : relay_(relay), clock_(clock) {}

  /// The ports a Host header may name; known once the sockets are bound.
  void serve_ports(std::vector<std::uint16_t> ports) { ports_ = std::move(ports); }

  /// Before the first request. Without it, the paths that tell of a key's account are unknown.
  void serve_account(AccountDesk& desk) { account_ = &desk; }

  /// Before the first request. Without it, nobody is told whose this port is.
  void serve_proofs(auth::Proofs& proofs) { proofs_ = &proofs; }

  /// Before the first request. Without it, there are no pages about the gateway.
  void serve_pages(PageDesk& pages) { pages_ = &pages; }

  /// Before the first request. Without it, or where the settings have it off, callers who ask for a
  /// WebSocket are told to go on by POST.
  void serve_websocket(const websocket::Options& options) { websocket_ = options; }

  net::Task<void> handle(http::Exchange&) override;
  http::Answer refuse(const http::ProtocolFault&, const http::RequestHead* head) override;

 private:
  std::unique_ptr<dialect::Conversation> conversation_for(const http::RequestHead&,
                                                          const dialect::Match&) const;
  std::optional<Refusal> refuse_stranger(const http::RequestHead&) const;
  std::optional<Refusal> refuse_method(const http::RequestHead&, const dialect::Match&,
                                       bool only_read) const;
  net::Task<void> list_models(http::Exchange&, const dialect::Match&, std::string_view id);
  net::Task<void> tell_account(http::Exchange&, const dialect::Match&, AccountQuestion);
  std::optional<std::string> proof_of(const http::RequestHead&) const;
  net::Task<void> say_health(http::Exchange&);
  net::Task<void> show_page(http::Exchange&, std::string_view path);
  net::Task<void> reply_json(http::Exchange&, std::string body, int status = 200,
                             std::optional<std::chrono::seconds> retry_after = {});

  Relay& relay_;
  const Clock& clock_;
  AccountDesk* account_ = nullptr;
  PageDesk* pages_ = nullptr;
  std::optional<websocket::Options> websocket_;
  auth::Proofs* proofs_ = nullptr;
  std::vector<std::uint16_t> ports_;
};

}  // namespace routerone
