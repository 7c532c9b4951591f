#include "daemon/dialect/anthropic/stream.h"

#include <array>

#include "common/core/text.h"
#include "daemon/dialect/anthropic/words.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/event_type.h"
#include "daemon/dialect/failure.h"

namespace routerone::dialect::anthropic {

Stream::Judged Stream::judge(const SseEvent& event) {
  const std::string type = event_type(event);
  if (type == "content_block_delta") return {Meaning::content};
  if (type == "message_start") return judge_message_start(event.data);
  if (type == "message_delta") return judge_message_delta(event.data);
  if (type == "message_stop") return {Meaning::terminal};
  if (type == "error") return judge_error(event.data);
  return {type == "ping" || type.empty() ? Meaning::handshake : Meaning::content};
}

Stream::Judged Stream::judge_message_start(std::string_view data) {
  if (started_) return {Meaning::broken};  // Two answers in one stream.
  started_ = true;
  const Dom event(data);
  const auto message = event.ok() ? member(event.root(), "message") : std::nullopt;
  if (!message) return {};
  reading_.model = printable(text_member(*message, "model"), 128);
  if (const auto usage = member(*message, "usage")) {
    usage_.take(*usage);
    reading_.usage = usage_.sum();
  }
  return {};
}

Stream::Judged Stream::judge_message_delta(std::string_view data) {
  const Dom event(data);
  if (!event.ok()) return {Meaning::content};
  Judged judged{Meaning::content};
  if (const auto usage = member(event.root(), "usage")) {
    usage_.take(*usage);
    reading_.usage = usage_.sum();
    judged.bills = true;
  }
  const auto delta = member(event.root(), "delta");
  const std::string finish = delta ? finish_word(text_member(*delta, "stop_reason")) : "";
  if (!finish.empty()) {
    finish_seen_ = true;
    reading_.finish_reason = finish;
  }
  return judged;
}

Stream::Judged Stream::judge_error(std::string_view data) {
  const Dom event(data);
  const auto words = event.ok() ? read_error(event.root()) : std::nullopt;
  const FailureClass failure = failure_of(words.value_or(ErrorWords{}));
  return {Meaning::error,
          failure == FailureClass::bad_answer ? FailureClass::server_error : failure};
}

Stream::Judged Stream::judge_start(const SseEvent&) { return {Meaning::content}; }

/// Real pings: the agents count them as life, comments not.
std::string Stream::write_keepalive() { return "event: ping\ndata: {\"type\": \"ping\"}\n\n"; }

std::string Stream::write_error(const Refusal& refusal) {
  const std::string_view type = stream_error_type(refusal, content_seen());
  return "event: error\ndata: {\"type\":\"error\",\"error\":" + error_object(refusal, type) +
         "}\n\n";
}

std::span<const std::string_view> Stream::usage_path() const {
  static constexpr std::array<std::string_view, 1> path = {"usage"};
  return path;
}

}  // namespace routerone::dialect::anthropic
