#include "daemon/dialect/rates.h"

#include <algorithm>
#include <chrono>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

using std::chrono::seconds;

/// Never too early: a client that comes back then must find room.
seconds whole_seconds(std::chrono::milliseconds wait) {
  return std::chrono::ceil<seconds>(std::max(wait, std::chrono::milliseconds(0)));
}

/// `1s`, `6m0s`, `23h59m1s`: as the lab's own servers write a wait.
std::string in_units(seconds wait) {
  const auto total = wait.count();
  std::string text;
  if (total >= 3600) text += std::to_string(total / 3600) + "h";
  if (total >= 60) text += std::to_string(total % 3600 / 60) + "m";
  return text + std::to_string(total % 60) + "s";
}

void add_openai(HeadFields& fields, const RateState::Rate& rate, const std::string& what) {
  fields.emplace_back("x-ratelimit-limit-" + what, std::to_string(rate.limit));
  fields.emplace_back("x-ratelimit-remaining-" + what, std::to_string(rate.remaining));
  fields.emplace_back("x-ratelimit-reset-" + what, in_units(whole_seconds(rate.until_whole)));
}

void add_anthropic(HeadFields& fields, const RateState::Rate& rate, const std::string& what,
                   WallTime now) {
  const std::string start = "anthropic-ratelimit-" + what;
  const auto reset = std::chrono::ceil<seconds>(now + std::max(rate.until_whole, {}));
  fields.emplace_back(start + "-limit", std::to_string(rate.limit));
  fields.emplace_back(start + "-remaining", std::to_string(rate.remaining));
  // Clients read whole seconds.
  std::string time = format_rfc3339(reset);
  time.erase(time.find('.'), time.size() - 1 - time.find('.'));
  fields.emplace_back(start + "-reset", time);
}

}  // namespace

HeadFields write_openai_rates(const RateState& state) {
  HeadFields fields;
  if (state.requests) add_openai(fields, *state.requests, "requests");
  if (state.tokens) add_openai(fields, *state.tokens, "tokens");
  return fields;
}

HeadFields write_anthropic_rates(const RateState& state, WallTime now) {
  HeadFields fields;
  if (state.requests) add_anthropic(fields, *state.requests, "requests", now);
  if (state.tokens) add_anthropic(fields, *state.tokens, "tokens", now);
  return fields;
}

}  // namespace routerone::dialect
