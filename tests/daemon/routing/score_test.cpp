#include "daemon/routing/score.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace routerone;
using namespace routerone::routing;

namespace {

Standpoint any_standpoint() {
  const auto number = [](int least, int most) {
    return *rc::gen::inRange(least, most + 1) / 100.0;
  };
  const auto maybe = [&](int most) -> std::optional<double> {
    if (*rc::gen::inRange(0, 4) == 0) return std::nullopt;
    return number(1, most);
  };
  return {.seconds = maybe(3000),
          .dollars = maybe(500),
          .quality = maybe(100),
          .failure_share = number(0, 100),
          .headroom = number(0, 100),
          .in_flight = *rc::gen::inRange(0, 5),
          .share = number(0, 300),
          .trial = *rc::gen::arbitrary<bool>(),
          .reserve = *rc::gen::inRange(0, 4) == 0};
}

std::vector<Standpoint> any_standpoints() {
  std::vector<Standpoint> all;
  for (int i = *rc::gen::inRange(1, 8); i > 0; --i) all.push_back(any_standpoint());
  return all;
}

Weights any_weights() {
  return {*rc::gen::inRange(0, 10) / 10.0, *rc::gen::inRange(0, 10) / 10.0,
          *rc::gen::inRange(0, 10) / 10.0};
}

constexpr ChoiceOptions only_the_best{.margin = 0, .trials = 0};

}  // namespace

TEST_CASE("an order holds each candidate once, those in reserve last, and is the same each time") {
  rc::check([] {
    const auto points = any_standpoints();
    const Weights weights = any_weights();
    const auto dice = *rc::gen::arbitrary<std::uint32_t>();
    const Choice choice = choose(points, weights, dice);
    const std::set<std::size_t> once(choice.order.begin(), choice.order.end());
    RC_ASSERT(choice.order.size() == points.size());
    RC_ASSERT(once.size() == points.size());
    RC_ASSERT(*once.rbegin() == points.size() - 1);
    RC_ASSERT(std::is_sorted(
        choice.order.begin(), choice.order.end(),
        [&](std::size_t a, std::size_t b) { return points[a].reserve < points[b].reserve; }));
    RC_ASSERT(choose(points, weights, dice).order == choice.order);
  });
}

TEST_CASE("more weight on a signal never chooses what is worse in it") {
  rc::check([] {
    const auto points = any_standpoints();
    const Weights weights = any_weights();
    const double more = *rc::gen::inRange(1, 30) / 10.0;
    for (const auto& [weight, term] :
         {std::pair(&Weights::latency, &Score::latency), std::pair(&Weights::cost, &Score::cost),
          std::pair(&Weights::quality, &Score::quality)}) {
      Weights heavier = weights;
      heavier.*weight += more;
      if (weights.latency + weights.cost + weights.quality == 0) continue;
      const auto first = [&](const Weights& by) {
        const Choice choice = choose(points, by, 0, only_the_best);
        const Score& score = choice.scores[choice.order.front()];
        return score.*term * score.health;
      };
      RC_ASSERT(first(heavier) >= first(weights) - 1e-12);
    }
  });
}

TEST_CASE("weights are proportions, and none is all alike") {
  const Weights a = normalised(Weights{2, 1, 1});
  CHECK(a.latency == doctest::Approx(0.5));
  CHECK(normalised(Weights{0, 0, 0}).cost == doctest::Approx(1.0 / 3));
  CHECK(normalised(Weights{-5, 1, NAN}).cost == doctest::Approx(1));
}

TEST_CASE("all on one signal chooses by it alone") {
  const std::vector<Standpoint> points{{.seconds = 1, .dollars = 3, .quality = 0.1},
                                       {.seconds = 2, .dollars = 1, .quality = 0.2},
                                       {.seconds = 3, .dollars = 2, .quality = 0.9}};
  CHECK(choose(points, {1, 0, 0}, 7, only_the_best).order.front() == 0);
  CHECK(choose(points, {0, 1, 0}, 7, only_the_best).order.front() == 1);
  CHECK(choose(points, {0, 0, 1}, 7, only_the_best).order.front() == 2);
}

TEST_CASE("equals share the load by their weights, the busy one less") {
  std::vector<Standpoint> points(2);
  points[0].share = 3;
  int first = 0;
  const auto play = [&] {
    first = 0;
    for (std::uint32_t dice = 0; dice < 4000; ++dice) {
      first += choose(points, {}, dice * 2654435761U).order.front() == 0;
    }
    return first / 4000.0;
  };
  CHECK(play() == doctest::Approx(0.75).epsilon(0.05));
  points[0].in_flight = 2;
  CHECK(play() == doctest::Approx(0.5).epsilon(0.05));
}

TEST_CASE("what was never measured gets its trials, and no more than its share") {
  std::vector<Standpoint> points{{.seconds = 1}, {.seconds = 9, .trial = true}};
  int trials = 0;
  for (std::uint32_t dice = 0; dice < 10000; ++dice) {
    const Choice choice = choose(points, {1, 0, 0}, dice * 2654435761U);
    CHECK(choice.trial == (choice.order.front() == 1));
    trials += choice.trial;
  }
  CHECK(trials > 400);
  CHECK(trials < 600);
}

TEST_CASE("nobody is tried whom no speed would put first") {
  const std::vector<Standpoint> points{
      {.seconds = 1, .dollars = 1, .quality = 0.9},
      {.dollars = 100, .quality = 0.1, .trial = true},
      {.dollars = 2, .quality = 0.8, .trial = true},
  };
  int trials = 0;
  for (std::uint32_t dice = 0; dice < 4000; ++dice) {
    const std::uint32_t drawn = dice * 2654435761U;
    const Choice balanced = choose(points, {1, 1, 1}, drawn);
    CHECK(balanced.order.front() != 1);
    trials += balanced.trial;
    CHECK_FALSE(choose(points, {0, 1, 0}, drawn).trial);
    CHECK_FALSE(choose(points, {0, 0, 1}, drawn).trial);
  }
  CHECK(trials > 100);
}
