#include "daemon/dialect/anthropic/words.h"

#include <array>

#include "daemon/dialect/json_value.h"
#include "daemon/dialect/refusal_words.h"
#include "daemon/dialect/text_find.h"

namespace routerone::dialect::anthropic {
namespace {

constexpr std::array<std::string_view, 8> finish_words = {"end_turn",
                                                          "max_tokens",
                                                          "stop_sequence",
                                                          "tool_use",
                                                          "pause_turn",
                                                          "refusal",
                                                          "model_context_window_exceeded",
                                                          "compaction"};

/// The SDK's tool runner reads this, and asks again with all that was said and without a thread.
/// Source: @anthropic-ai/sdk 1.11, a thread that may go on unthreaded.
constexpr std::string_view no_thread_details =
    R"(,"details":{"error_code":"thread_unsupported_request","unsupported":["thread"]})";

}  // namespace

std::string finish_word(std::string_view said) { return one_of(said, finish_words); }

RefusalWords refusal_words(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::bad_key:
      return {401, "authentication_error"};
    case RefusalKind::forbidden:
      return {403, "permission_error"};
    case RefusalKind::limit_reached:
      return {402, "billing_error"};
    case RefusalKind::rate_limited:
    case RefusalKind::upstream_rate_limited:
      return {429, "rate_limit_error"};
    case RefusalKind::bad_request:
    case RefusalKind::unprocessable:
      return {400, "invalid_request_error"};
    case RefusalKind::unknown_model:
    case RefusalKind::unknown_path:
      return {404, "not_found_error"};
    case RefusalKind::method_not_allowed:
      return {405, "invalid_request_error"};
    case RefusalKind::too_large:
      return {413, "request_too_large"};
    case RefusalKind::unsupported_media:
      return {415, "invalid_request_error"};
    case RefusalKind::upgrade_required:
      return {426, "invalid_request_error"};
    case RefusalKind::expectation_failed:
      return {417, "invalid_request_error"};
    case RefusalKind::upstream_failed:
    case RefusalKind::shed:
      return {529, "overloaded_error"};
    case RefusalKind::upstream_credential:
      return {502, "api_error"};
    case RefusalKind::internal:
      break;
  }
  return {500, "api_error"};
}

std::string_view stream_error_type(const Refusal& refusal, bool midway) {
  const bool cut = refusal.kind == RefusalKind::upstream_failed && midway;
  return cut ? "api_error" : refusal_words(refusal.kind).type;
}

std::string error_object(const Refusal& refusal, std::string_view type) {
  const bool no_thread = refusal.kind == RefusalKind::bad_request && refusal.param == thread_field;
  return "{\"type\":" + json_quoted(type) + ",\"message\":" + json_quoted(message_of(refusal)) +
         std::string(no_thread ? no_thread_details : "") + "}";
}

}  // namespace routerone::dialect::anthropic
