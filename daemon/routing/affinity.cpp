#include "daemon/routing/affinity.h"

#include <algorithm>

namespace routerone::routing {

std::optional<std::string> Affinity::find(std::string_view session) const {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const auto found = by_session_.find(session);
  if (found == by_session_.end() || found->second->until <= now) return std::nullopt;
  return found->second->target;
}

void Affinity::remember(std::string_view session, std::string_view target,
                        std::chrono::seconds of_use) {
  if (session.empty() || most_ == 0 || target.size() > longest_target) return;
  const SteadyTime until =
      clock_.steady() + std::min<std::chrono::seconds>(of_use, std::chrono::seconds(longest));
  const std::lock_guard lock(mutex_);
  const auto found = by_session_.find(session);
  if (found != by_session_.end()) {
    const auto entry = found->second;
    // Of a cache that was paid to last, reading it makes no shorter one.
    entry->until = entry->target == target ? std::max(entry->until, until) : until;
    entry->target = target;
    entries_.splice(entries_.begin(), entries_, entry);
    return;
  }
  if (entries_.size() >= most_) {
    by_session_.erase(entries_.back().session);
    entries_.pop_back();
  }
  entries_.push_front({std::string(session), std::string(target), until});
  by_session_.emplace(entries_.front().session, entries_.begin());
}

std::size_t Affinity::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace routerone::routing
