#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/dialect/conversation.h"
#include "daemon/http/session.h"
#include "daemon/listener/event_texts.h"
#include "daemon/websocket/connection.h"

namespace routerone {

/// One request of a conversation over WebSocket, as the relay knows requests: its message is the
/// body, and of the answer each event goes out as a message, a refusal as one. The connection goes
/// on behind it, also where the answer was cut off: its error event has told so.
class Turn final : public http::Exchange {
 public:
  /// `head`: of a POST of this body.
  Turn(net::Loop&, websocket::Connection&, dialect::Conversation&, const http::RequestHead& head,
       std::string body);

  net::Loop& loop() override { return loop_; }
  const http::RequestHead& head() const override { return head_; }
  SteadyTime started() const override { return started_; }
  net::Task<std::optional<std::string_view>> read_body() override;
  net::Task<bool> reply(const http::AnswerHead&, std::string_view body) override;
  net::Task<bool> start(const http::AnswerHead&, bool flush) override;
  net::Task<bool> write(std::string_view bytes) override;
  net::Task<bool> write(std::span<const std::string_view> pieces) override;
  net::Task<bool> finish(std::string_view last) override;
  void abort() override {}
  void prepare(const http::AnswerHead&) override { head_sent_ = true; }
  void try_write(std::string_view bytes) override;
  bool head_sent() const override { return head_sent_; }
  std::uint64_t bytes_sent() const override { return bytes_sent_; }
  net::StopSignal& gone() override { return gone_; }

 private:
  net::Task<bool> say(std::span<const std::string_view> texts);

  net::Loop& loop_;
  websocket::Connection& connection_;
  dialect::Conversation& conversation_;
  const http::RequestHead& head_;
  const std::string body_;
  const SteadyTime started_;
  EventTexts events_;
  net::StopSignal gone_;
  websocket::Connection::Watch watch_;
  bool head_sent_ = false;
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace routerone
