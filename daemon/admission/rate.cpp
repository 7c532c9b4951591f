#include "daemon/admission/rate.h"

#include <algorithm>

#include "common/core/saturating.h"

namespace routerone::admission {

void SlidingRate::expire(WallTime now) {
  while (first_ < taken_.size() && taken_[first_].at + window_ <= now)
    sum_ = saturating_subtract(sum_, taken_[first_++].amount);
  if (first_ * 2 < taken_.size()) return;
  taken_.erase(taken_.begin(), taken_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

SlidingRate::Duration SlidingRate::wait(WallTime now, std::int64_t amount) {
  expire(now);
  std::int64_t missing = saturating_subtract(saturating_add(sum_, amount), limit_);
  for (std::size_t i = first_; i < taken_.size() && missing > 0; ++i) {
    missing = saturating_subtract(missing, taken_[i].amount);
    if (missing <= 0) return taken_[i].at + window_ - now;
  }
  return missing > 0 ? Duration(window_) : Duration(0);
}

void SlidingRate::take(WallTime now, std::int64_t amount) {
  if (amount <= 0) return;
  if (first_ < taken_.size() && taken_.back().at == now)
    taken_.back().amount = saturating_add(taken_.back().amount, amount);
  else
    taken_.push_back({now, amount});
  sum_ = saturating_add(sum_, amount);
}

void SlidingRate::correct(WallTime now, WallTime taken, std::int64_t by) {
  if (by == 0 || taken + window_ <= now) return;
  expire(now);
  auto entry = std::lower_bound(taken_.begin() + static_cast<std::ptrdiff_t>(first_), taken_.end(),
                                taken, [](const Taken& t, WallTime at) { return t.at < at; });
  if (entry == taken_.end() || entry->at != taken) {
    if (by < 0) return;
    entry = taken_.insert(entry, {taken, 0});
  }
  by = std::max(by, -entry->amount);
  entry->amount = saturating_add(entry->amount, by);
  sum_ = saturating_add(sum_, by);
  if (entry->amount == 0) taken_.erase(entry);
}

RateState::Rate SlidingRate::state(WallTime now) {
  expire(now);
  RateState::Rate state;
  state.limit = limit_;
  state.remaining = std::max<std::int64_t>(0, saturating_subtract(limit_, sum_));
  if (first_ < taken_.size())
    state.until_whole =
        std::chrono::ceil<std::chrono::milliseconds>(taken_.back().at + window_ - now);
  return state;
}

}  // namespace routerone::admission
