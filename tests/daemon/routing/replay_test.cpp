#include "daemon/routing/replay.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/decide.h"

using namespace routerone;
using namespace routerone::routing;

namespace {

DecidedCandidate candidate(const std::string& provider, double seconds, double dollars) {
  DecidedCandidate one;
  one.name = name_target({provider, "", "lab/m", "m"});
  one.point.seconds = seconds;
  one.point.dollars = dollars;
  return one;
}

/// Fast and dear, slow and cheap, in between.
Decision three() {
  Decision decision;
  decision.weights = {1, 0, 0};
  decision.candidates = {candidate("fast", 1, 0.9), candidate("cheap", 9, 0.1),
                         candidate("middle", 3, 0.3)};
  decide(decision);
  return decision;
}

std::vector<std::string> providers_of(const Decision& decision) {
  std::vector<std::string> names;
  for (const std::size_t i : decision.order) names.push_back(decision.candidates[i].name->provider);
  return names;
}
using Names = std::vector<std::string>;

/// As a planner makes them: every signal there is, in one to three tiers.
Decision any_decision() {
  Decision decision;
  const auto part = [] { return *rc::gen::inRange(0, 1001) / 1000.0; };
  decision.weights = {part(), part(), part()};
  decision.dice = *rc::gen::arbitrary<std::uint32_t>();
  decision.sorted = *rc::gen::arbitrary<bool>();
  int tier = 0;
  for (int i = *rc::gen::inRange(1, 20); i > 0; --i) {
    tier += *rc::gen::inRange(0, 5) == 0 ? 1 : 0;
    DecidedCandidate one =
        candidate("p" + std::to_string(*rc::gen::inRange(0, 6)), part() * 10, part() / 100);
    one.name = name_target({one.name->provider, "", "lab/m", "m" + std::to_string(i)});
    one.tier = tier;
    if (*rc::gen::inRange(0, 5) == 0) one.point.seconds.reset();
    if (*rc::gen::inRange(0, 5) == 0) one.point.dollars.reset();
    if (*rc::gen::arbitrary<bool>()) one.point.quality = part();
    one.point.failure_share = part();
    one.point.headroom = part();
    one.point.in_flight = *rc::gen::inRange(0, 50);
    one.point.share = *rc::gen::inRange(0, 4);
    one.point.trial = *rc::gen::arbitrary<bool>();
    one.point.reserve = *rc::gen::inRange(0, 4) == 0;
    one.out = one.point.reserve && *rc::gen::arbitrary<bool>();
    decision.candidates.push_back(one);
  }
  if (*rc::gen::arbitrary<bool>())
    decision.sticky = health_name(*rc::gen::elementOf(decision.candidates));
  decide(decision);
  return decision;
}

Attempt failed(const std::string& provider, int millis) {
  Attempt attempt;
  attempt.provider = provider;
  attempt.upstream_model = "m";
  attempt.failure = FailureClass::connect;
  attempt.latency = std::chrono::milliseconds(millis);
  return attempt;
}

}  // namespace

TEST_CASE("without changes any decision is made again as it was: order, scores and trial") {
  CHECK(rc::check([] {
    const Decision decision = any_decision();
    const Decision again = replay(decision, {});
    RC_ASSERT(again.order == decision.order);
    RC_ASSERT(again.trial == decision.trial);
    for (std::size_t i = 0; i < decision.candidates.size(); ++i)
      RC_ASSERT(again.candidates[i].score.total == decision.candidates[i].score.total);
  }));
}

TEST_CASE("under other weights it is the decision that would have been made under them") {
  CHECK(rc::check([] {
    const Decision decision = any_decision();
    const RouteWeights weights{1, *rc::gen::inRange(0, 9) / 1.0, *rc::gen::inRange(0, 9) / 1.0};
    Decision anew = decision;
    if (!decision.sorted) anew.weights = weights;
    decide(anew);
    RC_ASSERT(replay(decision, {weights, {}, {}}).order == anew.order);
  }));
}

TEST_CASE("a provider that is not there is asked by no request, and the others keep their turn") {
  CHECK(rc::check([] {
    const Decision decision = any_decision();
    const Decision again = replay(decision, {{}, {"p1", "p3"}, {}});
    for (const auto& one : again.candidates)
      RC_ASSERT(one.name->provider != "p1" && one.name->provider != "p3");
    const auto stays = [](const DecidedCandidate& one) {
      return !one.out && one.name->provider != "p1" && one.name->provider != "p3";
    };
    const auto left = std::count_if(decision.candidates.begin(), decision.candidates.end(), stays);
    RC_ASSERT(again.order.size() == static_cast<std::size_t>(left));
  }));
}

TEST_CASE("other weights ask another target first") {
  CHECK(providers_of(three()) == Names{"fast", "middle", "cheap"});
  CHECK(providers_of(replay(three(), {RouteWeights{0, 1, 0}, {}, {}})) ==
        Names{"cheap", "middle", "fast"});
  CHECK(providers_of(replay(three(), {{}, {"fast"}, {}})) == Names{"middle", "cheap"});
  CHECK(replay(three(), {{}, {"fast", "cheap", "middle"}, {}}).order.empty());
}

TEST_CASE("a request that asked for its order itself keeps it under any weights") {
  Decision decision = three();
  decision.sorted = true;
  decide(decision);
  CHECK(providers_of(replay(decision, {RouteWeights{0, 1, 0}, {}, {}})) ==
        Names{"fast", "middle", "cheap"});
  CHECK(providers_of(replay(decision, {RouteWeights{0, 1, 0}, {"fast"}, {}})) ==
        Names{"middle", "cheap"});
}

TEST_CASE("a session that went elsewhere stays there") {
  CHECK(providers_of(replay(three(), {{}, {}, "cheap/m"})) == Names{"cheap", "fast", "middle"});
}

TEST_CASE("who was passed over then is so again, and what that took is lost before the next one") {
  const Decision decision = three();
  const std::vector<Attempt> attempts = {failed("fast", 40), failed("fast", 2)};
  const auto passed = passed_over(decision, "cheap/m", attempts);
  REQUIRE(passed.has_value());
  CHECK(*passed == Names{"fast/m", "middle/m"});  // the last had a probe under way
  const Served then = served_by(decision, *passed, attempts);
  REQUIRE(then.by != nullptr);
  CHECK(then.by->name->provider == "cheap");
  CHECK(then.lost == std::chrono::milliseconds(42));
  const Decision cheap_first = replay(decision, {RouteWeights{0, 1, 0}, {}, {}});
  const Served now = served_by(cheap_first, *passed, attempts);
  CHECK(now.by->name->provider == "cheap");
  CHECK(now.lost == std::chrono::milliseconds(0));
  const Decision without = replay(decision, {{}, {"cheap"}, {}});
  CHECK(served_by(without, *passed, attempts).by == nullptr);
}

TEST_CASE("one credential was passed over, and not the other one") {
  Decision decision = three();
  decision.candidates[2] = decision.candidates[0];
  decision.candidates[2].name = name_target({"fast", "second", "lab/m", "m"});
  decide(decision);
  const auto passed = passed_over(decision, "cheap/m", {});
  REQUIRE(passed->size() == 2);
  const std::vector<std::string> first = {"fast/m"};
  CHECK(health_name(*served_by(decision, first, {}).by) == "fast#second/m");
}

TEST_CASE("a server that no order has was not chosen by it") {
  CHECK_FALSE(passed_over(three(), "elsewhere/m", {}).has_value());
  CHECK_FALSE(passed_over(replay(three(), {{}, {"fast"}, {}}), "fast/m", {}).has_value());
}

TEST_CASE("who was asked and failed cannot serve, wherever the order has it") {
  const std::vector<Attempt> attempts = {failed("middle", 5)};
  const auto passed = passed_over(three(), "fast/m", attempts);  // which was put off, and came last
  CHECK(*passed == Names{"middle/m"});
  const Decision again = replay(three(), {{}, {"fast"}, {}});
  CHECK(served_by(again, *passed, attempts).by->name->provider == "cheap");
}

TEST_CASE("who served was not passed over, though it is among those who were asked") {
  std::vector<Attempt> attempts = {failed("fast", 40), failed("middle", 2)};
  attempts.back().failure = FailureClass::none;
  const auto passed = passed_over(three(), "middle/m", attempts);
  CHECK(*passed == Names{"fast/m"});
}

TEST_CASE("one that had said when to come back serves where nobody else is left") {
  Decision decision = three();
  for (auto& one : decision.candidates) one.point.reserve = one.out = one.name->provider == "fast";
  decide(decision);
  const auto passed = passed_over(decision, "fast/m", {});
  REQUIRE(passed.has_value());
  CHECK(*passed == Names{"middle/m", "cheap/m"});
  CHECK(served_by(decision, *passed, {}).by->name->provider == "fast");
}
