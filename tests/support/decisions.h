#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/exchange/decision.h"
#include "daemon/exchange/health_name.h"

namespace routerone::test {

/// Two decisions, bit for bit: even -0 is not 0.
inline bool same(double a, double b) {
  return std::signbit(a) == std::signbit(b) && (a == b || (std::isnan(a) && std::isnan(b)));
}
inline bool same(const std::optional<double>& a, const std::optional<double>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}
inline bool same(const Standpoint& a, const Standpoint& b) {
  return same(a.seconds, b.seconds) && same(a.dollars, b.dollars) && same(a.quality, b.quality) &&
         same(a.failure_share, b.failure_share) && same(a.headroom, b.headroom) &&
         a.in_flight == b.in_flight && same(a.share, b.share) && a.trial == b.trial &&
         a.reserve == b.reserve;
}
inline bool same(const Score& a, const Score& b) {
  return same(a.latency, b.latency) && same(a.cost, b.cost) && same(a.quality, b.quality) &&
         same(a.health, b.health) && same(a.total, b.total);
}
inline bool same(const DecidedCandidate& a, const DecidedCandidate& b) {
  const TargetName &x = *a.name, &y = *b.name;
  return x.provider == y.provider && x.account == y.account && x.model == y.model &&
         x.upstream_model == y.upstream_model && x.health == y.health && a.tier == b.tier &&
         a.out == b.out && same(a.point, b.point) && same(a.score, b.score);
}
inline bool same(const Exclusion& a, const Exclusion& b) {
  return a.model == b.model && a.provider == b.provider && a.reason == b.reason;
}
template <class Entry>
bool same(const std::vector<Entry>& a, const std::vector<Entry>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Entry& x, const Entry& y) { return same(x, y); });
}
inline bool same(const Decision& a, const Decision& b) {
  return same(a.weights.latency, b.weights.latency) && same(a.weights.cost, b.weights.cost) &&
         same(a.weights.quality, b.weights.quality) && a.dice == b.dice && a.sticky == b.sticky &&
         a.trial == b.trial && a.sorted == b.sorted && same(a.candidates, b.candidates) &&
         a.order == b.order && same(a.excluded, b.excluded);
}

/// Names are text; some need escapes.
inline rc::Gen<std::string> any_name() {
  return rc::gen::weightedOneOf<std::string>(
      {{4,
        rc::gen::elementOf(std::vector<std::string>{"", "0", "openai", "mybox", "gpt-5", "a/b"})},
       {1, rc::gen::elementOf(std::vector<std::string>{"m\u00e4", "a\"b", "a\\", "\n\t\x01",
                                                       std::string("a\0b", 3)})},
       {1, rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'))}});
}

/// Any bits a double may have.
inline rc::Gen<double> any_number() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<double>(),
      rc::gen::elementOf(std::vector<double>{0, -0.0, 1, 0.1, 1.0 / 3, 5e-324,
                                             1.7976931348623157e308, HUGE_VAL, -HUGE_VAL,
                                             std::nan("")}),
      rc::gen::map(rc::gen::inRange(0, 1'000'000), [](int n) { return n / 1e6; }));
}

inline DecidedCandidate some_candidate() {
  const auto maybe = [] { return *rc::gen::maybe(any_number()); };
  const auto number = [] { return *any_number(); };
  const auto maybe_number = [&]() -> std::optional<double> {
    const rc::Maybe<double> drawn = maybe();
    return drawn ? std::optional(*drawn) : std::nullopt;
  };
  DecidedCandidate one;
  TargetName name;
  name.provider = *any_name();
  name.account = *any_name();
  name.model = *any_name();
  name.upstream_model = *any_name();
  one.name = name_target(std::move(name));
  one.tier = *rc::gen::arbitrary<int>();
  one.out = *rc::gen::arbitrary<bool>();
  one.point = {maybe_number(),
               maybe_number(),
               maybe_number(),
               number(),
               number(),
               *rc::gen::arbitrary<int>(),
               number(),
               *rc::gen::arbitrary<bool>(),
               *rc::gen::arbitrary<bool>()};
  one.score = {number(), number(), number(), number(), number()};
  return one;
}

/// Not one a planner would make, but one with every shape a decision can have.
inline Decision some_decision(int most_candidates = 6, int most_exclusions = 6) {
  Decision made;
  made.weights = {*any_number(), *any_number(), *any_number()};
  made.dice = *rc::gen::arbitrary<std::uint32_t>();
  made.sticky = *any_name();
  made.trial = *rc::gen::arbitrary<bool>();
  made.sorted = *rc::gen::arbitrary<bool>();
  for (int left = *rc::gen::inRange(0, most_candidates + 1); left > 0; --left) {
    if (*rc::gen::arbitrary<bool>()) made.order.push_back(made.candidates.size());
    made.candidates.push_back(some_candidate());
  }
  if (*rc::gen::arbitrary<bool>()) std::reverse(made.order.begin(), made.order.end());
  for (int left = *rc::gen::inRange(0, most_exclusions + 1); left > 0; --left)
    made.excluded.push_back({*any_name(), *any_name(), *any_name()});
  return made;
}

}  // namespace routerone::test
