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

}  // namespace

std::string name_of(const Attempt& one) {
  return one.provider + (one.account.empty() ? "" : "#" + one.account) + "/" + one.upstream_model;
}

Decision replay(const Decision& made, const ReplayChanges& changes) {
  Decision again = made;
  if (changes.weights) again.weights = *changes.weights;
  if (changes.sticky) again.sticky = *changes.sticky;
  std::erase_if(again.candidates,
                [&](const DecidedCandidate& one) { return has(changes.without, one.provider); });
  decide(again);
  return again;
}

std::optional<std::vector<std::string>> passed_over(const Decision& decision,
                                                    const std::string& server) {
  std::vector<std::string> passed;
  for (const std::size_t i : decision.order) {
    std::string name = health_name(decision.candidates[i]);
    if (name == server) return passed;
    passed.push_back(std::move(name));
  }
  return std::nullopt;
}

Served served_by(const Decision& decision, std::span<const std::string> passed_over,
                 std::span<const Attempt> attempts) {
  Served served;
  for (const std::size_t i : decision.order) {
    const std::string name = health_name(decision.candidates[i]);
    if (!has(passed_over, name)) {
      served.by = &decision.candidates[i];
      return served;
    }
    for (const Attempt& attempt : attempts)
      if (name_of(attempt) == name) served.lost += attempt.latency;
  }
  return served;
}

}  // namespace routerone::routing
