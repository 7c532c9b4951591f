#include "daemon/dialect/openai_responses/reading.h"

#include <array>

#include "common/core/text.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/text_find.h"
#include "daemon/dialect/usage_openai.h"

namespace routerone::dialect::openai_responses {
namespace {

using Element = simdjson::dom::element;

constexpr std::array<std::string_view, 11> finish_words = {
    "completed",   "incomplete", "failed",  "cancelled",         "queued",
    "in_progress", "max_tokens", "steered", "max_output_tokens", "content_filter",
    "max_messages"};

/// Searches are billed by the search: completed `web_search_call` items.
std::optional<std::int64_t> count_searches(Element response) {
  const auto output = member(response, "output");
  simdjson::dom::array items;
  if (!output || output->get_array().get(items) != simdjson::SUCCESS) return std::nullopt;
  std::int64_t searches = 0;
  for (const Element item : items) {
    if (text_member(item, "type") == "web_search_call" &&
        text_member(item, "status") == "completed") {
      ++searches;
    }
  }
  return searches == 0 ? std::nullopt : std::optional(searches);
}

}  // namespace

std::string finish_word(std::string_view status, std::string_view incomplete_reason) {
  const bool incomplete = status == "incomplete" && !incomplete_reason.empty();
  return one_of(incomplete ? incomplete_reason : status, finish_words);
}

Reading read_response(Element response) {
  Reading out;
  const auto usage = member(response, "usage");
  if (usage && usage->is_object()) out.usage = read_openai_usage(*usage);
  if (out.usage.service_tier.empty()) {
    out.usage.service_tier = tier_member(response);
  }
  out.usage.web_searches = count_searches(response);
  const auto details = member(response, "incomplete_details");
  out.finish_reason =
      finish_word(text_member(response, "status"), details ? text_member(*details, "reason") : "");
  out.model = printable(text_member(response, "model"), 128);
  return out;
}

}  // namespace routerone::dialect::openai_responses
