#include "daemon/dialect/refusal_words.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

bool passes_by_itself(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::rate_limited:
    case RefusalKind::upstream_failed:
    case RefusalKind::upstream_rate_limited:
    case RefusalKind::upstream_credential:
    case RefusalKind::shed:
    case RefusalKind::internal:
      return true;
    default:
      return false;
  }
}

bool has_retry_after(RefusalKind kind) {
  return kind == RefusalKind::rate_limited || kind == RefusalKind::upstream_rate_limited ||
         kind == RefusalKind::shed;
}

std::string_view default_message(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::bad_key:
      return "this routerone key is missing, unknown, expired or revoked";
    case RefusalKind::forbidden:
      return "this is not served here";
    case RefusalKind::limit_reached:
      return "the spend limit is reached";
    case RefusalKind::rate_limited:
      return "too many requests; try again shortly";
    case RefusalKind::bad_request:
    case RefusalKind::unprocessable:
      return "the request cannot be served as it is";
    case RefusalKind::unknown_model:
      return "there is no such model for this key";
    case RefusalKind::unknown_path:
      return "there is nothing at this path";
    case RefusalKind::method_not_allowed:
      return "this path takes another method";
    case RefusalKind::too_large:
      return "the request is too large";
    case RefusalKind::unsupported_media:
      return "send the body as application/json, not compressed";
    case RefusalKind::upgrade_required:
      return "WebSocket is not served here; send the request by POST";
    case RefusalKind::expectation_failed:
      return "only 100-continue can be expected";
    case RefusalKind::upstream_failed:
      return "every provider of this model failed";
    case RefusalKind::upstream_rate_limited:
      return "every provider of this model is rate limited; try again shortly";
    case RefusalKind::upstream_credential:
      return "the provider refused the gateway's own credential";
    case RefusalKind::shed:
      return "the gateway is out of room; try again shortly";
    case RefusalKind::internal:
      break;
  }
  return "the gateway failed";
}

bool says(const std::string& lower_text, std::string_view word) {
  return lower_text.find(word) != std::string::npos;
}

}  // namespace

bool is_retry_pointless(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::rate_limited:
    case RefusalKind::upstream_failed:
    case RefusalKind::upstream_rate_limited:
    case RefusalKind::shed:
    case RefusalKind::internal:
      return false;
    default:
      return true;
  }
}

std::string message_of(const Refusal& refusal) {
  if (refusal.message.empty()) return std::string(default_message(refusal.kind));
  if (passes_by_itself(refusal.kind)) {
    const std::string text = lower(std::string_view(refusal.message));
    for (const std::string_view word : {"credit", "balance", "quota"}) {
      if (says(text, word)) return std::string(default_message(refusal.kind));
    }
  }
  return refusal.message;
}

std::vector<std::pair<std::string, std::string>> fields_of(const Refusal& refusal) {
  using std::chrono::seconds;
  std::vector<std::pair<std::string, std::string>> fields;
  fields.emplace_back("content-type", "application/json");
  if (refusal.retry_after || has_retry_after(refusal.kind)) {
    const seconds wait =
        std::clamp(refusal.retry_after.value_or(seconds{1}), seconds{1}, seconds{60});
    fields.emplace_back("retry-after", std::to_string(wait.count()));
  }
  if (is_retry_pointless(refusal.kind)) fields.emplace_back("x-should-retry", "false");
  return fields;
}

}  // namespace routerone::dialect
