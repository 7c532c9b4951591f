#include "daemon/routing/health.h"

#include <algorithm>

namespace routerone::routing {
namespace {

/// Is it `owner/..` or, of another of its credentials, `owner#account/..`?
bool is_of(std::string_view target, std::string_view owner) {
  return target.size() > owner.size() && target.starts_with(owner) &&
         (target[owner.size()] == '/' || target[owner.size()] == '#');
}

}  // namespace

HealthView Health::view_of(const Entry& entry, SteadyTime now) const {
  const Breaker& breaker = entry.breaker;
  HealthView view;
  view.state = breaker.state(now);
  view.probing = breaker.probing();
  view.told = breaker.told();
  view.why = breaker.why();
  view.since = breaker.since();
  view.until = breaker.until();
  view.first_byte = entry.signals.first_byte();
  view.per_token = entry.signals.per_token();
  view.failure_share = entry.signals.failure_share(now);
  view.headroom = entry.headroom;
  view.in_flight = entry.in_flight;
  view.measured = entry.signals.measured();
  view.stale = entry.signals.stale(now);
  return view;
}

HealthView Health::view(std::string_view target) const {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(target);
  return found == entries_.end() ? HealthView{} : view_of(found->second, now);
}

std::vector<HealthView> Health::view(const std::vector<std::string>& targets) const {
  const SteadyTime now = clock_.steady();
  std::vector<HealthView> views;
  views.reserve(targets.size());
  const std::lock_guard lock(mutex_);
  for (const std::string& target : targets) {
    const auto found = entries_.find(target);
    views.push_back(found == entries_.end() ? HealthView{} : view_of(found->second, now));
  }
  return views;
}

std::optional<SteadyTime> Health::begin(const std::string& target, bool last_resort) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[target];
  const Breaker::State state = entry.breaker.state(now);
  const bool told_away = state == Breaker::State::open && entry.breaker.told();
  const bool probed = state == Breaker::State::half_open && !entry.breaker.claim_probe(now);
  if ((told_away || probed) && !last_resort) return std::nullopt;
  entry.signals.began(now);
  ++entry.in_flight;
  return now;
}

void Health::ended(const std::string& target, SteadyTime began, FailureClass how,
                   std::optional<std::chrono::seconds> retry_after, const Sample& sample) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(target);
  if (found == entries_.end()) return;  // reset while it ran
  Entry& entry = found->second;
  entry.in_flight = std::max(entry.in_flight - 1, 0);
  if (how == FailureClass::cancelled) {
    entry.breaker.left(began);
    return;
  }
  const bool was_away = entry.breaker.state(now) != Breaker::State::closed;
  // What is the caller's own fault would be refused by a sound target too.
  if (how == FailureClass::none || how == FailureClass::caller_fault) {
    entry.breaker.succeeded(now, began);
  } else {
    entry.breaker.failed(now, began, how, retry_after);
  }
  // Its breaker speaks for a target that is away; how it serves is told by what it serves.
  if (how == FailureClass::none || (how != FailureClass::caller_fault && !was_away)) {
    entry.signals.note(sample, now);
  }
}

void Health::set_headroom(const std::string& target, double left) {
  const std::lock_guard lock(mutex_);
  entries_[target].headroom = std::clamp(left, 0.0, 1.0);
}

std::vector<std::pair<std::string, HealthView>> Health::of_provider(
    std::string_view provider) const {
  const SteadyTime now = clock_.steady();
  std::vector<std::pair<std::string, HealthView>> views;
  const std::lock_guard lock(mutex_);
  for (const auto& [target, entry] : entries_) {
    if (is_of(target, provider)) views.emplace_back(target, view_of(entry, now));
  }
  return views;
}

void Health::reset(std::string_view provider) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return is_of(entry.first, provider); });
}

}  // namespace routerone::routing
