#include "daemon/routing/rank.h"

#include <algorithm>
#include <utility>

namespace routerone::routing {
namespace {

enum class Standing { sound, last_resort, out };

Standing standing_of(const HealthView& health) {
  switch (health.state) {
    case Breaker::State::closed:
      return Standing::sound;
    case Breaker::State::half_open:
      return health.probing ? Standing::last_resort : Standing::sound;
    case Breaker::State::open:
      return health.told ? Standing::out : Standing::last_resort;
  }
  return Standing::out;
}

Standpoint standpoint_of(const Candidate& candidate, double output_tokens) {
  const HealthView& health = candidate.health;
  Standpoint point;
  if (health.measured) {
    point.seconds =
        health.first_byte->count() + output_tokens * health.per_token.value_or(Seconds(0)).count();
  }
  point.dollars = candidate.dollars;
  point.quality = candidate.quality;
  point.failure_share = health.state == Breaker::State::half_open ? 0 : health.failure_share;
  point.headroom = health.headroom;
  point.in_flight = health.in_flight;
  point.share = candidate.share;
  point.trial = !health.measured || health.stale;
  return point;
}

}  // namespace

Ranking rank(std::span<const Candidate> candidates, const Weights& weights, double output_tokens,
             std::uint32_t dice, const ChoiceOptions& options) {
  std::vector<Standpoint> points;
  points.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    points.push_back(standpoint_of(candidate, output_tokens));
    points.back().reserve = standing_of(candidate.health) != Standing::sound;
  }
  Choice choice = choose(points, weights, dice, options);
  Ranking ranking{std::move(choice.scores), std::move(choice.order), 0, choice.trial};
  std::erase_if(ranking.order,
                [&](std::size_t i) { return standing_of(candidates[i].health) == Standing::out; });
  ranking.sound =
      static_cast<std::size_t>(std::count_if(ranking.order.begin(), ranking.order.end(),
                                             [&](std::size_t i) { return !points[i].reserve; }));
  return ranking;
}

}  // namespace routerone::routing
