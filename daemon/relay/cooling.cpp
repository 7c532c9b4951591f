#include "daemon/relay/cooling.h"

#include <algorithm>

namespace routerone {
namespace {

std::string name_of(const Target& target) {
  return target.endpoint->provider + "/" + target.upstream_model;
}

}  // namespace

void Cooling::note_failure(const Target& target, FailureClass how,
                           std::optional<std::chrono::seconds> retry_after) {
  std::chrono::seconds length{};
  if (how == FailureClass::rate_limited && retry_after) {
    length = std::min(*retry_after, longest);
  } else if (how == FailureClass::credential_refused || how == FailureClass::model_missing) {
    length = doubt;
  }
  if (length <= std::chrono::seconds::zero()) return;
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  std::erase_if(marks_, [now](const auto& entry) { return entry.second.until <= now; });
  marks_[name_of(target)] = {now + length, how};
}

void Cooling::note_success(const Target& target) {
  const std::lock_guard lock(mutex_);
  if (!marks_.empty()) marks_.erase(name_of(target));
}

std::vector<Standing> Cooling::standings(const RoutePlan& plan) const {
  std::vector<Standing> standings(plan.targets.size());
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  if (marks_.empty()) return standings;
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    const auto found = marks_.find(name_of(plan.targets[i]));
    if (found == marks_.end() || found->second.until <= now) continue;
    const bool cooling = found->second.why == FailureClass::rate_limited;
    standings[i] = {cooling ? Standing::Kind::cooling : Standing::Kind::doubtful, found->second.why,
                    std::chrono::ceil<std::chrono::seconds>(found->second.until - now)};
  }
  return standings;
}

}  // namespace routerone
