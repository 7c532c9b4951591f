#include "daemon/dialect/gemini/endings.h"

#include <algorithm>
#include <array>

namespace routerone::dialect::gemini {
namespace {

constexpr std::array<std::string_view, 8> filters = {
    "SAFETY", "RECITATION",         "LANGUAGE",    "BLOCKLIST",
    "SPII",   "PROHIBITED_CONTENT", "MODEL_ARMOR", "ESCALATION"};
constexpr std::array<std::string_view, 6> failures = {
    "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL",      "TOO_MANY_TOOL_CALLS",
    "MALFORMED_RESPONSE",      "MISSING_THOUGHT_SIGNATURE", "OTHER"};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::optional<chat::Finish> read_finish(std::string_view reason) {
  if (reason == "STOP") return chat::Finish::stop;
  if (reason == "MAX_TOKENS") return chat::Finish::length;
  if (is_one_of(filters, reason) || reason.starts_with("IMAGE_") || reason == "NO_IMAGE") {
    return chat::Finish::content_filter;
  }
  if (is_one_of(failures, reason)) return std::nullopt;
  return chat::Finish::unknown;
}

std::string_view finish_reason(chat::Finish finish, bool refused) {
  if (finish == chat::Finish::length) return "MAX_TOKENS";
  const bool filtered = finish == chat::Finish::content_filter || finish == chat::Finish::refusal;
  return filtered || refused ? "SAFETY" : "STOP";
}

}  // namespace routerone::dialect::gemini
