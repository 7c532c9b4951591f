#include "daemon/dialect/openai_refusal.h"

#include "common/core/text.h"
#include "daemon/dialect/error_message.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/refusal_words.h"

namespace routerone::dialect {
namespace {

constexpr std::string_view bad = "invalid_request_error";

/// Codex retries a 402 six times and hides its words; this code it obeys and shows at once.
constexpr std::string_view stubborn_agent = "codex";

}  // namespace

OpenAiWords openai_words(RefusalKind kind, OpenAiForm form) {
  // After 503 with this code Codex tries five times in 3 s, instead of thirty in 24.
  const std::string_view overloaded =
      form == OpenAiForm::responses ? "server_is_overloaded" : "upstream_failed";
  switch (kind) {
    case RefusalKind::bad_key:
      return {401, "authentication_error", "invalid_api_key"};
    case RefusalKind::forbidden:
      return {403, "permission_error", "forbidden"};
    case RefusalKind::limit_reached:
      return {402, "billing_error", "insufficient_balance"};
    case RefusalKind::rate_limited:
    case RefusalKind::upstream_rate_limited:
      return {429, "rate_limit_error", "rate_limit_exceeded"};
    case RefusalKind::bad_request:
      return {400, bad, ""};
    case RefusalKind::unprocessable:
      return {422, bad, ""};
    case RefusalKind::unknown_model:
      return {404, bad, "model_not_found"};
    case RefusalKind::unknown_path:
      return {404, bad, "unknown_url"};
    case RefusalKind::method_not_allowed:
      return {405, bad, "method_not_allowed"};
    case RefusalKind::too_large:
      return {413, bad, "request_too_large"};
    case RefusalKind::unsupported_media:
      return {415, bad, "unsupported_media_type"};
    case RefusalKind::upgrade_required:
      return {426, bad, "upgrade_required"};
    case RefusalKind::expectation_failed:
      return {417, bad, "expectation_failed"};
    case RefusalKind::upstream_failed:
      return {503, "server_error", overloaded};
    case RefusalKind::upstream_credential:
      return {502, "server_error", "upstream_authentication_error"};
    case RefusalKind::shed:
      return {503, "server_error",
              form == OpenAiForm::responses ? "server_is_overloaded" : "overloaded"};
    case RefusalKind::internal:
      break;
  }
  return {500, "server_error", "internal_error"};
}

std::string openai_error_object(const Refusal& refusal, const OpenAiWords& words) {
  const auto or_null = [](std::string_view text) {
    return text.empty() ? std::string("null") : json_quoted(text);
  };
  return "{\"message\":" + json_quoted(message_of(refusal)) +
         ",\"type\":" + json_quoted(words.type) + ",\"param\":" + or_null(refusal.param) +
         ",\"code\":" + or_null(words.code) + "}";
}

WrittenRefusal write_openai_refusal(const Refusal& refusal, OpenAiForm form,
                                    std::string_view program) {
  OpenAiWords words = openai_words(refusal.kind, form);
  if (refusal.kind == RefusalKind::limit_reached && istarts_with(program, stubborn_agent)) {
    words = {400, bad, "invalid_prompt"};
  }
  if (refusal.kind == RefusalKind::bad_request && refusal.message.starts_with(prompt_too_long)) {
    words.code = "context_length_exceeded";
  }
  WrittenRefusal written;
  written.status = words.status;
  written.fields = fields_of(refusal);
  written.body = "{\"error\":" + openai_error_object(refusal, words) + "}";
  return written;
}

}  // namespace routerone::dialect
