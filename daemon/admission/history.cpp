#include "daemon/admission/history.h"

#include <algorithm>

namespace routerone::admission {
namespace {

constexpr std::int64_t kept = 32 * 24 * 60;

using Minute = SpendHistory::Minute;

bool before(const Minute& entry, std::int64_t minute) { return entry.minute < minute; }

}  // namespace

void SpendHistory::add(const Minute& more) {
  total_ += more.settled;
  auto place = minutes_.end();
  if (!minutes_.empty() && minutes_.back().minute >= more.minute) {
    place = std::lower_bound(minutes_.begin(), minutes_.end(), more.minute, before);
  }
  if (place == minutes_.end() || place->minute != more.minute) {
    minutes_.insert(place, more);
    forget();
    return;
  }
  place->settled += more.settled;
  place->requests = saturating_add(place->requests, more.requests);
  place->tokens = saturating_add(place->tokens, more.tokens);
}

void SpendHistory::correct(std::int64_t minute, Money by) {
  if (by >= Money{}) return add({minute, by, 0, 0});
  total_ += by;
  for (auto entry = std::lower_bound(minutes_.begin(), minutes_.end(), minute, before);
       entry != minutes_.end() && by < Money{}; ++entry) {
    const Money taken = std::min(entry->settled, Money{} - by);
    entry->settled -= taken;
    by += taken;
  }
}

/// In lots, so that a minute's share of the moving is constant.
void SpendHistory::forget() {
  const std::int64_t oldest = minutes_.back().minute - kept;
  if (minutes_[minutes_.size() / 2].minute >= oldest) return;
  minutes_.erase(minutes_.begin(),
                 std::lower_bound(minutes_.begin(), minutes_.end(), oldest, before));
}

void SpendHistory::set_total(Money total) { total_ = std::max(total, total_); }

Money SpendHistory::between(std::int64_t from, std::int64_t to) const {
  Money sum;
  for (auto entry = std::lower_bound(minutes_.begin(), minutes_.end(), from, before);
       entry != minutes_.end() && entry->minute < to; ++entry) {
    sum += entry->settled;
  }
  return sum;
}

}  // namespace routerone::admission
