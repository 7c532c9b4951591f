#include <doctest/doctest.h>

#include <cstdio>

#include "tests/daemon/routing/simulated_providers.h"

using namespace routerone;
using namespace routerone::test;

namespace {

constexpr Condition well{};
constexpr double down_at = 200, up_at = 320;

bool is_down(double second) { return second >= down_at && second < up_at; }

Condition with_failing(double share) {
  Condition one = well;
  one.failing = share;
  return one;
}
Condition dearer(double times) {
  Condition one = well;
  one.dollars *= times;
  return one;
}
Condition slower(double times) {
  Condition one = well;
  one.first_byte *= times;
  one.per_token *= times;
  return one;
}

/// A little worse in all.
Condition dear() {
  Condition one = slower(1.3);
  one.dollars *= 1.5;
  return one;
}

/// The first is the best there is as long as it is well.
Story three(std::function<Condition(double)> first) {
  Story story;
  story.providers = {{"good", 0.5, std::move(first)},
                     {"dear", 0.5, [](double) { return dear(); }},
                     {"slow", 0.5, [](double) { return slower(2); }}};
  return story;
}

const std::vector<std::pair<const char*, routing::Weights>> settings{
    {"balanced", {1, 1, 1}}, {"fast", {8, 1, 1}}, {"cheap", {1, 8, 1}}};

void print(const char* story, const char* weights, const Tally& tally) {
  std::printf("  %-13s %-9s requests %5d  lost %3d  regret %5.2f %%  flaps %3.0f\n", story, weights,
              tally.requests, tally.lost, tally.regret * 100, tally.flaps());
}

}  // namespace

TEST_CASE(
    "an outage is left after three failures, costs no caller his answer, and is over when it is "
    "over") {
  for (const auto& [name, weights] : settings) {
    Story story = three([](double t) { return with_failing(is_down(t) ? 1 : 0); });
    story.weights = weights;
    const Tally tally = play(story);
    print("outage", name, tally);
    const double back = tally.time_of_share(0, up_at, 0.5) - up_at;
    const auto bad = within(tally.bad, down_at, up_at);
    const std::size_t probes = tally.failures(0, down_at, up_at) - bad.size();
    REQUIRE_FALSE(bad.empty());
    const double left = bad.back().second - down_at;
    std::printf("    left after %zu bad requests, %.1f s; probes in 120 s %zu, back after %.0f s\n",
                bad.size(), left, probes, back);
    CHECK((bad.size() <= 3 || left <= 5));
    CHECK(probes <= 120 / 5);
    CHECK(back <= 30);
    CHECK(tally.lost_needlessly == 0);
    CHECK(tally.regret <= 0.05);
  }
}

TEST_CASE("a brown-out is left and come back from") {
  for (const auto& [name, weights] : settings) {
    Story story = three([](double t) { return with_failing(is_down(t) ? 0.4 : 0); });
    story.weights = weights;
    const Tally tally = play(story);
    print("brown-out", name, tally);
    const double back = tally.time_of_share(0, up_at, 0.5) - up_at;
    std::printf("    failed attempts %zu, share %.2f, back after %.0f s\n",
                tally.failures(0, down_at, up_at), tally.share(0, down_at, up_at), back);
    CHECK(back <= 30);
    CHECK(tally.lost_needlessly == 0);
    CHECK(tally.regret <= 0.05);
  }
}

TEST_CASE("what creeps is noticed") {
  for (const auto& [name, weights] : settings) {
    Story story = three([](double t) { return slower(1 + std::max(0.0, t - 100) / 100); });
    story.weights = weights;
    const Tally tally = play(story);
    print("slow creep", name, tally);
    CHECK(tally.regret <= 0.05);
  }
}

TEST_CASE("a price that changes moves the load at once") {
  for (const auto& [name, weights] : settings) {
    Story story = three([](double t) { return dearer(t < 300 ? 1 : 3); });
    story.weights = weights;
    const Tally tally = play(story);
    print("price change", name, tally);
    CHECK(tally.regret <= 0.05);
  }
}

TEST_CASE("a provider that comes and goes costs nobody his answer") {
  for (const double period : {10.0, 30.0, 60.0}) {
    for (const auto& [name, weights] : settings) {
      Story story = three([period](double t) {
        return with_failing(static_cast<int>(t / period) % 2 == 0 ? 0 : 1);
      });
      story.weights = weights;
      const Tally tally = play(story);
      print("flapping", name, tally);
      std::printf("    every %.0f s: failed attempts %zu, flaps an hour %.0f\n", period,
                  tally.failures(0, 0, story.seconds), tally.flaps() * 3600 / story.seconds);
      CHECK(tally.lost_needlessly == 0);
      CHECK(tally.failures(0, 0, story.seconds) <= story.seconds);
      if (period >= 60) CHECK(tally.regret <= 0.05);
    }
  }
}

TEST_CASE("two providers that fail together leave the third to serve") {
  for (const auto& [name, weights] : settings) {
    Story story = three([](double t) { return with_failing(is_down(t) ? 1 : 0); });
    story.providers[1].at = [](double t) {
      Condition one = dear();
      one.failing = is_down(t) ? 1 : 0;
      return one;
    };
    story.weights = weights;
    const Tally tally = play(story);
    print("two together", name, tally);
    CHECK(tally.lost_needlessly == 0);
    CHECK(tally.share(2, down_at + 5, up_at) > 0.99);
    CHECK(tally.time_of_share(0, up_at, 0.5) - up_at <= 30);
    CHECK(tally.regret <= 0.05);
  }
}

TEST_CASE("from a cold start the best is found soon") {
  for (const auto& [name, weights] : settings) {
    Story story = three([](double) { return well; });
    story.weights = weights;
    story.seconds = 120;
    const Tally tally = play(story);
    print("cold start", name, tally);
    CHECK(tally.share(0, 30, 120) > 0.85);
    CHECK(tally.regret <= 0.05);
  }
}
