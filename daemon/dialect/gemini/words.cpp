#include "daemon/dialect/gemini/words.h"

#include <array>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/refusal_words.h"
#include "daemon/dialect/text_find.h"

namespace routerone::dialect::gemini {
namespace {

constexpr std::array<std::string_view, 24> finish_words = {"STOP",
                                                           "MAX_TOKENS",
                                                           "SAFETY",
                                                           "RECITATION",
                                                           "LANGUAGE",
                                                           "OTHER",
                                                           "BLOCKLIST",
                                                           "PROHIBITED_CONTENT",
                                                           "SPII",
                                                           "MALFORMED_FUNCTION_CALL",
                                                           "UNEXPECTED_TOOL_CALL",
                                                           "TOO_MANY_TOOL_CALLS",
                                                           "MISSING_THOUGHT_SIGNATURE",
                                                           "MALFORMED_RESPONSE",
                                                           "IMAGE_SAFETY",
                                                           "IMAGE_PROHIBITED_CONTENT",
                                                           "IMAGE_RECITATION",
                                                           "IMAGE_OTHER",
                                                           "NO_IMAGE",
                                                           "MODEL_ARMOR",
                                                           "JAILBREAK",
                                                           "ESCALATION",
                                                           "BLOCKED_REASON_UNSPECIFIED",
                                                           "FINISH_REASON_UNSPECIFIED"};

constexpr std::string_view types = "type.googleapis.com/google.rpc.";

void add_details(JsonOut& out, const Refusal& refusal) {
  const bool waits = refusal.kind == RefusalKind::rate_limited ||
                     refusal.kind == RefusalKind::upstream_rate_limited;
  const bool names_field = !refusal.param.empty();
  if (!names_field && !(waits && refusal.retry_after)) return;
  out.array("details");
  if (names_field) {
    out.object().text("@type", std::string(types) + "BadRequest").array("fieldViolations");
    out.object().text("field", refusal.param).text("description", message_of(refusal));
    out.end_object().end_array().end_object();
  }
  if (waits && refusal.retry_after) {
    out.object().text("@type", std::string(types) + "RetryInfo");
    out.text("retryDelay", std::to_string(refusal.retry_after->count()) + "s").end_object();
  }
  out.end_array();
}

}  // namespace

std::string finish_word(std::string_view said) { return one_of(said, finish_words); }

RefusalWords refusal_words(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::bad_key:
      return {401, "UNAUTHENTICATED"};
    case RefusalKind::forbidden:
      return {403, "PERMISSION_DENIED"};
    case RefusalKind::limit_reached:
      return {402, "FAILED_PRECONDITION"};
    case RefusalKind::rate_limited:
    case RefusalKind::upstream_rate_limited:
      return {429, "RESOURCE_EXHAUSTED"};
    case RefusalKind::bad_request:
    case RefusalKind::unprocessable:
      return {400, "INVALID_ARGUMENT"};
    case RefusalKind::unknown_model:
    case RefusalKind::unknown_path:
      return {404, "NOT_FOUND"};
    case RefusalKind::method_not_allowed:
      return {405, "UNIMPLEMENTED"};
    case RefusalKind::too_large:
      return {413, "INVALID_ARGUMENT"};
    case RefusalKind::unsupported_media:
      return {415, "INVALID_ARGUMENT"};
    case RefusalKind::upgrade_required:
      return {426, "FAILED_PRECONDITION"};
    case RefusalKind::expectation_failed:
      return {417, "INVALID_ARGUMENT"};
    case RefusalKind::upstream_failed:
    case RefusalKind::shed:
      return {503, "UNAVAILABLE"};
    case RefusalKind::upstream_credential:
      return {502, "INTERNAL"};
    case RefusalKind::internal:
      break;
  }
  return {500, "INTERNAL"};
}

std::string error_body(const Refusal& refusal) {
  const RefusalWords words = refusal_words(refusal.kind);
  JsonOut out;
  out.object().object("error");
  out.whole("code", words.status).text("message", message_of(refusal)).text("status", words.name);
  add_details(out, refusal);
  return std::move(out.end_object().end_object()).take();
}

}  // namespace routerone::dialect::gemini
