#include "daemon/routing/decide.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "daemon/exchange/health_name.h"

using namespace routerone;
using namespace routerone::routing;

namespace {

constexpr ChoiceOptions only_the_best{.margin = 0, .trials = 0};

HealthView measured(double first_byte) {
  HealthView health;
  health.measured = true;
  health.stale = false;
  health.first_byte = Seconds(first_byte);
  return health;
}

DecidedCandidate candidate(const std::string& provider, const HealthView& health, double dollars,
                           int tier = 0) {
  DecidedCandidate one;
  one.name = name_target({provider, "", "", "m"});
  one.tier = tier;
  one.out = is_out(health);
  one.point = standpoint_of(health, 100);
  one.point.dollars = dollars;
  return one;
}

HealthView open(HealthView health, bool told = false) {
  health.state = Breaker::State::open;
  health.told = told;
  return health;
}

/// Providers in the order in which they would be asked.
std::vector<std::string> order_of(std::vector<DecidedCandidate> candidates,
                                  const std::string& sticky = "") {
  Decision decision;
  decision.candidates = std::move(candidates);
  decision.sticky = sticky;
  decide(decision, only_the_best);
  std::vector<std::string> providers;
  for (const std::size_t i : decision.order) {
    providers.push_back(decision.candidates[i].name->provider);
  }
  return providers;
}
using Order = std::vector<std::string>;

Decision any_decision() {
  Decision decision;
  decision.weights = {*rc::gen::inRange(0, 10) / 10.0, *rc::gen::inRange(0, 10) / 10.0,
                      *rc::gen::inRange(0, 10) / 10.0};
  decision.dice = *rc::gen::arbitrary<std::uint32_t>();
  int tier = 0;
  for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
    tier += *rc::gen::inRange(0, 3) == 0;
    DecidedCandidate one = candidate("p" + std::to_string(i), {}, 1, tier);
    one.point.dollars = *rc::gen::inRange(1, 500) / 100.0;
    one.point.seconds = *rc::gen::inRange(1, 500) / 100.0;
    one.point.quality = *rc::gen::inRange(0, 101) / 100.0;
    one.point.failure_share = *rc::gen::inRange(0, 101) / 100.0;
    one.point.trial = *rc::gen::arbitrary<bool>();
    one.point.reserve = *rc::gen::inRange(0, 4) == 0;
    one.out = one.point.reserve && *rc::gen::arbitrary<bool>();
    decision.candidates.push_back(one);
  }
  if (*rc::gen::arbitrary<bool>())
    decision.sticky = "p" + std::to_string(*rc::gen::inRange(1, 12)) + "/m";
  return decision;
}

}  // namespace

TEST_CASE("an order holds whoever is not out once, last resorts last, and is the same each time") {
  rc::check([] {
    Decision decision = any_decision();
    decide(decision);
    const auto& all = decision.candidates;
    const std::set<std::size_t> once(decision.order.begin(), decision.order.end());
    RC_ASSERT(once.size() == decision.order.size());
    for (std::size_t i = 0; i < all.size(); ++i) RC_ASSERT(once.contains(i) != all[i].out);
    RC_ASSERT(std::is_sorted(
        decision.order.begin(), decision.order.end(),
        [&](std::size_t a, std::size_t b) { return all[a].point.reserve < all[b].point.reserve; }));
    const auto order = decision.order;
    decide(decision);
    RC_ASSERT(decision.order == order);
  });
}

TEST_CASE("a tier comes before the next whatever the scores, but for who served the session") {
  rc::check([] {
    Decision decision = any_decision();
    decide(decision);
    const auto& all = decision.candidates;
    const auto first = decision.order.begin() + (decision.sticky.empty() ? 0 : 1);
    if (decision.order.empty()) return;
    RC_ASSERT(std::is_sorted(first, decision.order.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(all[a].point.reserve, all[a].tier) <
             std::pair(all[b].point.reserve, all[b].tier);
    }));
  });
}

TEST_CASE(
    "one whose breaker is open is a last resort, one that said when to come back is left out") {
  CHECK(order_of({candidate("a", open(measured(0.1)), 0.1), candidate("b", measured(1), 1),
                  candidate("c", measured(2), 2)}) == Order{"b", "c", "a"});
  CHECK(order_of({candidate("a", open(measured(0.1), true), 0.1), candidate("b", measured(1), 1),
                  candidate("c", measured(2), 2)}) == Order{"b", "c"});
}

TEST_CASE("a sound target of a later tier comes before a last resort of an earlier one") {
  CHECK(order_of({candidate("a", open(measured(0.1)), 0.1), candidate("b", measured(1), 1, 1)}) ==
        Order{"b", "a"});
}

TEST_CASE("a probe goes where the target would be wanted, one at a time") {
  HealthView probed = measured(0.1);
  probed.state = Breaker::State::half_open;
  probed.failure_share = 0.9;
  CHECK(order_of({candidate("a", probed, 0.1), candidate("b", measured(1), 1)}) == Order{"a", "b"});
  probed.probing = true;
  CHECK(order_of({candidate("a", probed, 0.1), candidate("b", measured(1), 1)}) == Order{"b", "a"});
}

TEST_CASE("a provider near its own limits is spared") {
  HealthView scarce = measured(0.9);
  CHECK(order_of({candidate("a", scarce, 0.9), candidate("b", measured(1), 1)}) == Order{"a", "b"});
  scarce.headroom = 0.05;
  CHECK(order_of({candidate("a", scarce, 0.9), candidate("b", measured(1), 1)}) == Order{"b", "a"});
}

TEST_CASE("who served the session goes on as long as it is sound") {
  CHECK(order_of({candidate("a", measured(1), 1), candidate("b", measured(9), 9)}, "b/m") ==
        Order{"b", "a"});
  CHECK(order_of({candidate("a", measured(1), 1), candidate("b", open(measured(9)), 9)}, "b/m") ==
        Order{"a", "b"});
  CHECK(order_of({candidate("a", measured(1), 1)}, "gone/m") == Order{"a"});
}

TEST_CASE("a session that stays is no trial") {
  Decision decision;
  decision.candidates = {candidate("a", measured(1), 1), candidate("b", {}, 9)};
  decision.sticky = "a/m";
  for (std::uint32_t dice = 0; dice < 2000; ++dice) {
    decision.dice = dice * 2654435761U;
    decide(decision);
    CHECK(decision.order.front() == 0);
    CHECK_FALSE(decision.trial);
  }
}
