#include "daemon/dialect/openai_refusal.h"

#include <algorithm>

#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/dialect/error_message.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/refusal_words.h"

namespace routerone::dialect {
namespace {

constexpr std::string_view bad = "invalid_request_error";

/// Codex retries a 402 six times and hides its words, and of a 400 without a code it shows the bare
/// JSON; `invalid_prompt` it obeys, and shows the words alone.
constexpr std::string_view stubborn_agent = "codex";
/// opencode tries again for a minute where a number such as 502 stands anywhere in the words.
constexpr std::string_view careless_agent = "opencode";

/// Where the digits end that begin at `at`.
std::size_t end_of_digits(std::string_view words, std::size_t at) {
  return std::min(words.find_first_not_of("0123456789", at), words.size());
}

/// Rounded up to whole cents; empty: it is no amount of more than two decimals.
std::string cents_of(std::string_view number) {
  constexpr std::int64_t cent = 10'000'000'000;
  const auto amount = parse_usd(number);
  if (!amount || number.size() < number.find('.') + 4) return {};
  const std::int64_t cents = amount->picousd / cent + (amount->picousd % cent == 0 ? 0 : 1);
  const std::string rest = std::to_string(cents % 100);
  return std::to_string(cents / 100) + (rest.size() == 1 ? ".0" : ".") + rest;
}

/// Amounts of money in a text, none of them more exact than a cent.
std::string in_cents(std::string_view words) {
  std::string out;
  std::size_t at = 0;
  while (at < words.size()) {
    std::size_t end = end_of_digits(words, at);
    const bool fraction = end > at && end < words.size() && words[end] == '.';
    if (fraction) end = end_of_digits(words, end + 1);
    const std::string_view piece = words.substr(at, std::max(end, at + 1) - at);
    const std::string cents = fraction ? cents_of(piece) : std::string();
    out += cents.empty() ? piece : cents;
    at += piece.size();
  }
  return out;
}

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
  const bool wrong = refusal.kind == RefusalKind::bad_request;
  const bool told_to_stop = wrong || refusal.kind == RefusalKind::limit_reached;
  if (told_to_stop && istarts_with(program, stubborn_agent)) words = {400, bad, "invalid_prompt"};
  if (wrong && refusal.message.starts_with(prompt_too_long)) words.code = "context_length_exceeded";
  Refusal told = refusal;
  if (refusal.kind == RefusalKind::limit_reached && istarts_with(program, careless_agent)) {
    told.message = in_cents(told.message);
  }
  WrittenRefusal written;
  written.status = words.status;
  written.fields = fields_of(refusal);
  written.body = "{\"error\":" + openai_error_object(told, words) + "}";
  return written;
}

}  // namespace routerone::dialect
