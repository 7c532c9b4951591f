#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/listener/front_door.h"
#include "tests/support/http_server.h"
#include "tests/support/raw_socket.h"
#include "tests/support/relay_data.h"
#include "tests/support/relay_world.h"
#include "tests/support/temp_dir.h"

namespace routerone::test {

/// The data port as callers see it: real sockets, sessions, front door and relay, before a scripted
/// upstream.
class FrontWorld {
 public:
  explicit FrontWorld(const std::string& providers_speak = "openai-chat") {
    data_.dialect = providers_speak;
    store::StoreOptions options;
    options.database = dir_.path() / "t.db";
    options.spend_floor = dir_.path() / "floor";
    options.intents = dir_.path() / "in-flight";
    store_ = *store::TraceStore::open(options, clock_);
    recorder_ = std::make_unique<RowKeeper>(*store_, server_.loop());
    relay_ = std::make_unique<Relay>(upstream, *recorder_, routes_, admission_, random_, requests_);
    use(data_.snapshot());
    door_ = std::make_unique<FrontDoor>(*relay_, clock_);
    door_->serve_account(desk_.emplace(admission_, *store_));
    door_->serve_websocket({.max_message = 100'000, .most_waiting = 3, .budget = &budget_});
    door_->serve_ports({server_.port()});
    server_.run([this] { behind_.door = door_.get(); });
  }
  ~FrontWorld() { server_.stop(); }
  FrontWorld(const FrontWorld&) = delete;
  FrontWorld& operator=(const FrontWorld&) = delete;

  std::uint16_t port() const { return server_.port(); }
  std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
  std::string key() const { return "Authorization: Bearer " + std::string(data_.key.reveal()); }

  /// One request on a connection of its own; `lines` are further headers, each ended by CRLF.
  WireAnswer ask(const std::string& start, const std::string& lines = "",
                 const std::string& body = "") {
    return ask_as(host(), start, lines, body);
  }
  WireAnswer ask_as(const std::string& as, const std::string& start, const std::string& lines = "",
                    const std::string& body = "") {
    const std::string length =
        body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return ask_raw(start + " HTTP/1.1\r\nHost: " + as + "\r\n" + lines + length + "\r\n" + body);
  }
  WireAnswer ask_raw(const std::string& bytes) {
    RawSocket caller(port());
    caller.send(bytes);
    return caller.read_answer(bytes.starts_with("HEAD "));
  }

  /// From now on the key is another one, with these limits.
  void limit(const Limits& limits) {
    server_.run([&] { use(data_.snapshot(limits)); });
  }
  void set(const Settings& settings) {
    data_.settings = settings;
    server_.run([&] { use(data_.snapshot()); });
  }
  void drain() { server_.drain(); }
  std::size_t sessions() { return server_.sessions(); }
  std::uint64_t memory_held() const { return budget_.used; }
  admission::Admission& admission() { return admission_; }
  store::TraceStore& store() { return *store_; }

  std::vector<TraceRow> rows() {
    std::vector<TraceRow> rows;
    server_.run([&] { rows = recorder_->rows; });
    return rows;
  }

  ScriptedUpstream upstream;  ///< Script it before a request, look at it after its answer.

 private:
  struct Behind final : http::Handler {
    net::Task<void> handle(http::Exchange& exchange) override { return door->handle(exchange); }
    http::Answer refuse(const http::ProtocolFault& fault, const http::RequestHead* head) override {
      return door->refuse(fault, head);
    }
    FrontDoor* door = nullptr;
  };

  void use(const std::shared_ptr<const Snapshot>& snapshot) {
    admission_.configure(snapshot->data);
    relay_->use(snapshot);
  }

  RelayData data_;
  TempDir dir_;
  SystemClock clock_;
  CountingRandom random_;
  RouteState routes_{clock_, random_};
  admission::Admission admission_{clock_};
  std::atomic<std::uint64_t> requests_{0};
  http::BodyBudget budget_;
  Behind behind_;
  HttpServer server_{behind_};
  std::unique_ptr<store::TraceStore> store_;
  std::unique_ptr<RowKeeper> recorder_;
  std::unique_ptr<Relay> relay_;
  std::optional<AccountDesk> desk_;
  std::unique_ptr<FrontDoor> door_;
};

}  // namespace routerone::test
