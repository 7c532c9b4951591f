#include "daemon/routing/decide.h"

#include <algorithm>
#include <span>

#include "daemon/exchange/health_name.h"

namespace routerone::routing {
namespace {

/// The candidate that served the session before, if it may go on doing so.
const DecidedCandidate* keeper_of(const Decision& decision) {
  if (decision.sticky.empty()) return nullptr;
  const auto found =
      std::find_if(decision.candidates.begin(), decision.candidates.end(), [&](const auto& one) {
        return !one.out && !one.point.reserve && health_name(one) == decision.sticky;
      });
  return found == decision.candidates.end() ? nullptr : &*found;
}

}  // namespace

Standpoint standpoint_of(const HealthView& health, double output_tokens) {
  Standpoint point;
  if (health.measured) {
    point.seconds = health.first_byte.value_or(Seconds(0)).count() +
                    output_tokens * health.per_token.value_or(Seconds(0)).count();
  }
  point.failure_share = health.state == Breaker::State::half_open ? 0 : health.failure_share;
  point.headroom = health.headroom;
  point.in_flight = health.in_flight;
  point.trial = !health.measured || health.stale;
  point.reserve = health.state == Breaker::State::open ||
                  (health.state == Breaker::State::half_open && health.probing);
  return point;
}

bool is_out(const HealthView& health) {
  return health.state == Breaker::State::open && health.told;
}

void decide(Decision& decision, const ChoiceOptions& bounds) {
  const ChoiceOptions options = decision.sorted ? ChoiceOptions{.margin = 0, .trials = 0} : bounds;
  auto& candidates = decision.candidates;
  const DecidedCandidate* const keeper = keeper_of(decision);
  std::vector<Standpoint> points;
  std::vector<std::size_t> last_resort;
  points.reserve(candidates.size());
  decision.order.clear();
  decision.order.reserve(candidates.size());
  decision.trial = false;
  for (std::size_t first = 0, end = 0; first < candidates.size(); first = end) {
    points.clear();
    for (; end < candidates.size() && candidates[end].tier == candidates[first].tier; ++end) {
      points.push_back(candidates[end].point);
    }
    ChoiceOptions here = options;
    if (keeper != nullptr || !decision.order.empty()) here.trials = 0;
    const Choice choice = choose(points, decision.weights, decision.dice, here);
    for (std::size_t i = 0; i < points.size(); ++i) candidates[first + i].score = choice.scores[i];
    if (!points[choice.order.front()].reserve) decision.trial |= choice.trial;
    for (const std::size_t i : choice.order) {
      if (candidates[first + i].out) continue;
      (points[i].reserve ? last_resort : decision.order).push_back(first + i);
    }
  }
  decision.order.insert(decision.order.end(), last_resort.begin(), last_resort.end());
  if (keeper == nullptr) return;
  const auto at = std::find(decision.order.begin(), decision.order.end(),
                            static_cast<std::size_t>(keeper - candidates.data()));
  std::rotate(decision.order.begin(), at, at + 1);
}

}  // namespace routerone::routing
