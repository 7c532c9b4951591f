#include "daemon/dialect/anthropic/usage.h"

#include <algorithm>

#include "daemon/dialect/dom.h"

namespace routerone::dialect::anthropic {
namespace {

using Element = simdjson::dom::element;

void replace(std::optional<std::int64_t>& field, Element from, std::string_view name) {
  if (const auto count = count_member(from, name)) field = count;
}

}  // namespace

void UsageFold::take(Element usage) {
  replace(input_, usage, "input_tokens");
  replace(output_, usage, "output_tokens");
  replace(cache_read_, usage, "cache_read_input_tokens");
  replace(cache_write_, usage, "cache_creation_input_tokens");
  if (const auto split = member(usage, "cache_creation")) {
    replace(cache_write_5m_, *split, "ephemeral_5m_input_tokens");
    replace(cache_write_1h_, *split, "ephemeral_1h_input_tokens");
  }
  if (const auto details = member(usage, "output_tokens_details")) {
    replace(thinking_, *details, "thinking_tokens");
  }
  if (const auto tools = member(usage, "server_tool_use")) {
    replace(searches_, *tools, "web_search_requests");
  }
  const std::string tier = tier_member(usage);
  if (!tier.empty()) tier_ = tier;
  const std::string_view speed = text_member(usage, "speed");
  if (!speed.empty()) fast_ = speed == "fast";
  if (const auto cost = usd_member(usage, "cost")) stated_ = cost;
}

Usage UsageFold::sum() const {
  Usage out;
  out.input = input_;
  out.output = output_;
  out.reasoning = thinking_;
  out.cache_read = cache_read_;
  if (cache_write_) {
    const std::int64_t hour = std::min(cache_write_1h_.value_or(0), *cache_write_);
    out.cache_write_5m = *cache_write_ - hour;
    if (cache_write_1h_) out.cache_write_1h = hour;
  } else {
    out.cache_write_5m = cache_write_5m_;
    out.cache_write_1h = cache_write_1h_;
  }
  out.web_searches = searches_;
  out.service_tier = fast_ ? "fast" : tier_;
  out.stated_cost = stated_;
  return out;
}

Usage read_usage(Element usage) {
  UsageFold fold;
  fold.take(usage);
  return fold.sum();
}

}  // namespace routerone::dialect::anthropic
