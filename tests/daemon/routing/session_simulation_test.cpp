#include <doctest/doctest.h>

#include <cstdio>

#include "tests/daemon/routing/simulated_sessions.h"

using namespace routerone;
using namespace routerone::test;

namespace {

constexpr double down_at = 700, up_at = 820;

Condition well(double times = 1) {
  Condition one;
  one.first_byte *= times;
  one.per_token *= times;
  return one;
}

/// The first is best in all as long as it is well.
SessionStory three(const routing::Weights& weights, bool outage) {
  SessionStory story;
  story.weights = weights;
  story.providers = {
      {"good", R"({"input":3,"output":15,"cache_read":0.3})",
       [outage](double t) {
         Condition one = well();
         one.failing = outage && t >= down_at && t < up_at ? 1 : 0;
         return one;
       }},
      {"dear", R"({"input":4.5,"output":22,"cache_read":0.45})", [](double) { return well(1.3); }},
      {"slow", R"({"input":3,"output":15,"cache_read":0.3})", [](double) { return well(2); }}};
  return story;
}

const std::vector<std::pair<const char*, routing::Weights>> settings{
    {"balanced", {1, 1, 1}}, {"fast", {8, 1, 1}}, {"cheap", {1, 8, 1}}};

SessionTally print(const char* story, const char* weights, SessionTally tally) {
  std::printf(
      "  %-9s %-9s requests %d, read from caches %.2f %% of at best %.2f %%, moves %d, lost "
      "%d, served %d/%d/%d\n",
      story, weights, tally.requests, tally.share() * 100, tally.best_share() * 100, tally.moves,
      tally.lost, tally.served[0], tally.served[1], tally.served[2]);
  return tally;
}

}  // namespace

TEST_CASE("fifty sessions over three providers find their caches warm as often as can be") {
  for (const auto& [name, weights] : settings) {
    const SessionStory story = three(weights, false);
    const SessionTally tally = print("all well", name, SessionPlayer(story).play());
    CHECK(tally.share() >= tally.best_share() - 0.02);
    CHECK(tally.moves == 0);
    CHECK(tally.lost == 0);
  }
}

TEST_CASE("an outage moves each session once, and its end moves none of them back") {
  for (const auto& [name, weights] : settings) {
    const SessionStory story = three(weights, true);
    const SessionTally tally = print("outage", name, SessionPlayer(story).play());
    CHECK(tally.share() >= tally.best_share() - 0.02);
    CHECK(tally.moves == 0);
    CHECK(tally.lost == 0);
  }
}
