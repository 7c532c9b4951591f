#include "daemon/routing/replay.h"

#include <algorithm>
#include <utility>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/decide.h"

namespace routerone::routing {
namespace {

bool has(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The order; then those that had said when to come back, who are asked only where nobody else is
/// left.
std::vector<std::size_t> places_of(const Decision& decision) {
  std::vector<std::size_t> places = decision.order;
  for (std::size_t i = 0; i < decision.candidates.size(); ++i) {
    if (decision.candidates[i].out) places.push_back(i);
  }
  return places;
}

}  // namespace

Decision replay(const Decision& made, const ReplayChanges& changes) {
  Decision again = made;
  if (changes.weights && !made.sorted) again.weights = *changes.weights;
  if (changes.sticky) again.sticky = *changes.sticky;
  std::erase_if(again.candidates, [&](const DecidedCandidate& one) {
    return has(changes.without, one.name->provider);
  });
  decide(again);
  return again;
}

std::optional<std::vector<std::string>> passed_over(const Decision& decision,
                                                    const std::string& server,
                                                    std::span<const Attempt> attempts) {
  std::vector<std::string> passed;
  for (const Attempt& attempt : attempts) {
    std::string name = health_name(attempt);
    if (name != server && !has(passed, name)) passed.push_back(std::move(name));
  }
  for (const std::size_t i : places_of(decision)) {
    std::string name = health_name(decision.candidates[i]);
    if (name == server) return passed;
    if (!has(passed, name)) passed.push_back(std::move(name));
  }
  return std::nullopt;
}

Served served_by(const Decision& decision, std::span<const std::string> passed_over,
                 std::span<const Attempt> attempts) {
  Served served;
  for (const std::size_t i : places_of(decision)) {
    const std::string name = health_name(decision.candidates[i]);
    if (!has(passed_over, name)) {
      served.by = &decision.candidates[i];
      return served;
    }
    for (const Attempt& attempt : attempts) {
      if (health_name(attempt) == name) served.lost += attempt.latency;
    }
  }
  return served;
}

}  // namespace routerone::routing
