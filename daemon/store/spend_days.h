#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/exchange/ledger.h"
#include "daemon/store/totals.h"

namespace routerone::store {

/// What each scope settled on each of its last days, so that the floor file can tell not only how
/// much a lost database had settled but, to the day, when. A day's sum counts as settled in the
/// last minute of it in which anything was: never too early for a window to see it.
class SpendDays {
 public:
  struct Day {
    std::int64_t minute = 0;  ///< The last in which something was settled.
    Money settled;
  };
  using Days = std::map<std::int64_t, Day>;  ///< By days since 1970, UTC.

  void add(const std::string& scope, std::int64_t minute, Money by) {
    Days& days = scopes_[scope];
    Day& day = days[minute / minutes_a_day];
    day.minute = std::max(day.minute, minute);
    day.settled += by;
    if (days.size() > most_days) days.erase(days.begin());
  }

  bool empty() const { return scopes_.empty(); }
  const std::map<std::string, Days>& scopes() const { return scopes_; }

  /// Where the last `amount` of a scope was settled: newest day first; what is older than all that
  /// is remembered at minute 0, and everything at `now` if nothing is remembered of anybody.
  std::vector<std::pair<std::int64_t, Money>> when(const std::string& scope, Money amount,
                                                   std::int64_t now) const {
    std::vector<std::pair<std::int64_t, Money>> parts;
    if (const auto found = scopes_.find(scope); found != scopes_.end())
      for (auto day = found->second.rbegin(); day != found->second.rend(); ++day) {
        const Money part = std::min(amount, day->second.settled);
        if (part.picousd <= 0) continue;
        parts.emplace_back(day->second.minute, part);
        amount -= part;
      }
    if (amount.picousd > 0) parts.emplace_back(empty() ? now : 0, amount);
    return parts;
  }

  std::vector<SpendMinute> since(std::int64_t minute) const {
    std::vector<SpendMinute> found;
    for (const auto& [scope, days] : scopes_)
      for (const auto& [number, day] : days)
        if (day.minute >= minute) found.push_back({scope, day.minute, day.settled, 0, 0});
    return found;
  }

 private:
  static constexpr std::int64_t minutes_a_day = 1'440;
  static constexpr std::size_t most_days = 62;
  std::map<std::string, Days> scopes_;
};

}  // namespace routerone::store
