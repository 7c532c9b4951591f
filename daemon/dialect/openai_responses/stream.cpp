#include "daemon/dialect/openai_responses/stream.h"

#include <array>
#include <charconv>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/event_type.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/openai_refusal.h"
#include "daemon/dialect/openai_responses/reading.h"
#include "daemon/dialect/refusal_words.h"
#include "daemon/dialect/retry_after.h"
#include "daemon/dialect/text_find.h"
#include "daemon/dialect/usage_openai.h"

namespace routerone::dialect::openai_responses {
namespace {

using Element = simdjson::dom::element;

bool is_final(std::string_view type) {
  return type == "response.completed" || type == "response.incomplete" ||
         type == "response.cancelled";
}

bool says_nothing(std::string_view type) {
  return type == "response.in_progress" || type == "response.queued" || type == "keepalive" ||
         type == "ping" || type == "response.heartbeat";
}

}  // namespace

Stream::Judged Stream::judge(const SseEvent& event) {
  if (event.data == "[DONE]") return {};  // Not of this dialect; some servers add it.
  note_sequence(event.data);
  const std::string type = event_type(event);
  if (type == "response.created") return judge_created(event.data);
  if (is_final(type)) return judge_final(type, event.data);
  if (type == "response.failed") return judge_failed(event.data);
  if (type == "error") return judge_error(event.data);
  return {says_nothing(type) ? Meaning::handshake : Meaning::content};
}

Stream::Judged Stream::judge_created(std::string_view data) {
  if (created_) return {Meaning::broken};  // Two answers in one stream.
  created_ = true;
  const Dom event(data);
  const auto response = event.ok() ? member(event.root(), "response") : std::nullopt;
  if (!response) return {};
  id_ = text_member(*response, "id");
  model_ = text_member(*response, "model");
  created_at_ = count_member(*response, "created_at").value_or(0);
  reading_ = read_response(*response);
  reading_.finish_reason.clear();
  return {};
}

Stream::Judged Stream::judge_final(std::string_view type, std::string_view data) {
  finish_seen_ = true;
  const Dom event(data);
  const auto response = event.ok() ? member(event.root(), "response") : std::nullopt;
  if (response) reading_ = read_response(*response);
  if (reading_.finish_reason.empty()) {
    reading_.finish_reason = finish_word(type.substr(type.find('.') + 1), "");
  }
  Judged judged{Meaning::terminal};
  judged.bills = true;
  return judged;
}

Stream::Judged Stream::judge_failed(std::string_view data) {
  error_seen_ = false;
  const Dom event(data);
  const auto response = event.ok() ? member(event.root(), "response") : std::nullopt;
  ErrorWords words;
  if (response) {
    reading_ = read_response(*response);
    words = read_error(*response).value_or(ErrorWords{});
  }
  const FailureClass failure = failure_of(words);
  return {Meaning::error,
          failure == FailureClass::bad_answer ? FailureClass::server_error : failure,
          retry_after_in_words(words.message)};
}

/// Not the end yet: the readers that matter wait for the `response.failed` behind it.
Stream::Judged Stream::judge_error(std::string_view data) {
  error_seen_ = true;
  const Dom event(data);
  const auto words = event.ok() ? read_error(event.root()) : std::nullopt;
  ErrorWords known = words.value_or(ErrorWords{});
  if (known.type == "error") known.type = {};
  const FailureClass failure = failure_of(known);
  Judged judged{Meaning::error,
                failure == FailureClass::bad_answer ? FailureClass::server_error : failure,
                retry_after_in_words(known.message)};
  judged.ends = false;
  return judged;
}

void Stream::note_sequence(std::string_view data) {
  static constexpr std::string_view name = "\"sequence_number\":";
  const std::size_t at = data.find(name);
  if (at == std::string_view::npos) return;
  std::string_view digits = data.substr(at + name.size());
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  std::int64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec == std::errc() && number >= 0 && number < INT64_MAX) next_sequence_ = number + 1;
}

Stream::Judged Stream::judge_start(const SseEvent& event) {
  const std::string type = event_type(event);
  if (type == "response.failed") return {Meaning::error, FailureClass::server_error};
  if (!is_final(type)) return {Meaning::content};
  finish_seen_ = true;
  reading_.finish_reason = finish_word(std::string_view(type).substr(type.find('.') + 1), "");
  return {Meaning::terminal};
}

void Stream::read_long_tail(std::string_view tail) {
  const auto usage = find_usage(tail);
  if (!usage) return;
  const Dom document(*usage);
  if (document.ok()) reading_.usage = read_openai_usage(document.root());
}

/// Takes the number after the last one seen. The events that follow keep the provider's numbers, so
/// one number comes twice; the readers we know do not compare them.
std::string Stream::write_keepalive() {
  return "event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":" +
         std::to_string(next_sequence_) + "}\n\n";
}

std::string Stream::failed_event(std::string_view code, std::string_view message) {
  return "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":" +
         std::to_string(next_sequence_++) +
         ",\"response\":{\"id\":" + json_quoted(id_.empty() ? "resp_failed" : id_) +
         ",\"object\":\"response\",\"created_at\":" + std::to_string(created_at_) +
         ",\"status\":\"failed\",\"error\":{\"code\":" + json_quoted(code) +
         ",\"message\":" + json_quoted(message) +
         "},\"incomplete_details\":null,\"model\":" + json_quoted(model_) +
         ",\"output\":[],\"usage\":null}}\n\n";
}

/// Both events: one SDK reads `error`, Codex only `response.failed`. Where the provider has said
/// `error` itself, only the other half.
std::string Stream::write_error(const Refusal& refusal) {
  const OpenAiWords words = openai_words(refusal.kind, OpenAiForm::responses);
  // In the middle of an answer the reader should try again; "at capacity" would stop it.
  const bool cut = refusal.kind == RefusalKind::upstream_failed && content_seen();
  const std::string_view code = cut || words.code.empty() ? words.type : words.code;
  const std::string message = message_of(refusal);
  if (error_seen_) return failed_event(code, message);
  const std::string error = "event: error\ndata: {\"type\":\"error\",\"sequence_number\":" +
                            std::to_string(next_sequence_++) + ",\"code\":" + json_quoted(code) +
                            ",\"message\":" + json_quoted(message) + ",\"param\":null}\n\n";
  return error + failed_event(code, message);
}

/// A provider that says `error` and leaves: its callers would wait for the other half.
std::string Stream::write_ending() {
  return error_seen_ ? failed_event("server_error", "the provider broke off with an error")
                     : std::string();
}

std::span<const std::string_view> Stream::usage_path() const {
  static constexpr std::array<std::string_view, 2> path = {"response", "usage"};
  return path;
}

}  // namespace routerone::dialect::openai_responses
