#include "daemon/dialect/headroom.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "daemon/dialect/rates.h"

namespace routerone {
namespace {

using dialect::headroom_of;

std::optional<double> of(const std::vector<std::pair<std::string, std::string>>& head) {
  std::vector<http::Field> fields;
  for (const auto& [name, value] : head) fields.push_back({name, value});
  return headroom_of(fields);
}

TEST_CASE("an answer that says nothing of its limits tells no headroom") {
  CHECK_FALSE(of({}));
  CHECK_FALSE(of({{"content-type", "application/json"}, {"retry-after", "3"}}));
}

TEST_CASE("the least share of all limits is the headroom, whatever they count") {
  CHECK(of({{"x-ratelimit-limit-requests", "60"},
            {"x-ratelimit-remaining-requests", "45"},
            {"x-ratelimit-limit-tokens", "1000"},
            {"x-ratelimit-remaining-tokens", "100"},
            {"x-ratelimit-reset-tokens", "6m0s"}}) == 0.1);
}

TEST_CASE("each family of names is understood, in any case and order") {
  const std::pair<const char*, const char*> families[] = {
      {"X-RateLimit-Limit-Requests", "x-ratelimit-remaining-requests"},
      {"x-ratelimit-limit-tokens-minute", "X-Ratelimit-Remaining-Tokens-Minute"},
      {"x-ratelimit-limit-requests-day", "x-ratelimit-remaining-requests-day"},
      {"x-ratelimit-limit-req-minute", "x-ratelimit-remaining-req-minute"},
      {"x-ratelimit-limit", "x-ratelimit-remaining"},
      {"x-tokenlimit-limit", "x-tokenlimit-remaining"},
      {"ratelimit-limit", "ratelimit-remaining"},
      {"anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining"},
      {"anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining"},
      {"anthropic-ratelimit-input-tokens-limit", "anthropic-ratelimit-input-tokens-remaining"},
      {"anthropic-ratelimit-output-tokens-limit", "anthropic-ratelimit-output-tokens-remaining"},
      {"anthropic-priority-input-tokens-limit", "anthropic-priority-input-tokens-remaining"}};
  for (const auto& [limit, remaining] : families) {
    CAPTURE(limit);
    CHECK(of({{limit, "8"}, {remaining, "2"}}) == 0.25);
    CHECK(of({{remaining, "0"}, {limit, "8"}}) == 0.0);
    CHECK_FALSE(of({{limit, "8"}}));
    CHECK_FALSE(of({{remaining, "2"}}));
  }
}

TEST_CASE("a window behind a number is no part of it") {
  CHECK(of({{"ratelimit-limit", "100, 100;w=60"}, {"ratelimit-remaining", "50"}}) == 0.5);
  CHECK(of({{"ratelimit-limit", "10;w=1"}, {"ratelimit-remaining", "10"}}) == 1.0);
}

TEST_CASE("nonsense tells nothing, and does not hide what makes sense") {
  const std::pair<const char*, const char*> nonsense[] = {
      {"0", "0"},    {"10", "-1"},  {"10", ""},   {"", "1"},
      {"many", "1"}, {"10", "1.5"}, {"10", "11"}, {"99999999999999999999999", "1"}};
  for (const auto& [limit, remaining] : nonsense) {
    CAPTURE(limit);
    CAPTURE(remaining);
    CHECK_FALSE(
        of({{"x-ratelimit-limit-tokens", limit}, {"x-ratelimit-remaining-tokens", remaining}}));
    CHECK(of({{"x-ratelimit-limit-tokens", limit},
              {"x-ratelimit-remaining-tokens", remaining},
              {"x-ratelimit-limit-requests", "4"},
              {"x-ratelimit-remaining-requests", "3"}}) == 0.75);
  }
}

TEST_CASE("names that only look like limits are passed over") {
  CHECK_FALSE(of({{"x-ratelimit-limitless", "9"}, {"x-ratelimit-remainingless", "1"}}));
  CHECK_FALSE(of({{"anthropic-ratelimit-unified-status", "rejected"},
                  {"anthropic-ratelimit-unified-reset", "1790000000"}}));
  CHECK_FALSE(of({{"x-other-limit", "8"}, {"x-other-remaining", "2"}}));
}

TEST_CASE("what we write ourselves is read back, in both dialects") {
  RateState state;
  state.requests = RateState::Rate{};
  state.requests->limit = 50;
  state.requests->remaining = 40;
  state.tokens = RateState::Rate{};
  state.tokens->limit = 1000;
  state.tokens->remaining = 300;
  CHECK(of(dialect::write_openai_rates(state)) == 0.3);
  CHECK(of(dialect::write_anthropic_rates(state, WallTime{})) == 0.3);
}

TEST_CASE("headroom is a share of one, whatever is sent") {
  CHECK(rc::check([] {
    const auto number = [] {
      return *rc::gen::oneOf(rc::gen::arbitrary<std::string>(),
                             rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                                          [](auto n) { return std::to_string(n); }));
    };
    const auto share = of(
        {{"x-ratelimit-limit-requests", number()}, {"x-ratelimit-remaining-requests", number()}});
    RC_ASSERT(!share || (*share >= 0 && *share <= 1));
  }));
}

}  // namespace
}  // namespace routerone
