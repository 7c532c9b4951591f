#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "common/core/money.h"
#include "daemon/admission/calendar.h"

namespace routerone::admission {

/// Two readings of one instant. `at` is the wall clock as it would be had nobody set it since this
/// process began: it goes by Clock::continuous and never jumps; all counting is by it. `wall` is
/// what the wall clock shows; it only says where the calendar's edges are.
struct Moment {
  WallTime at;
  WallTime wall;
};

inline std::int64_t minute_of(WallTime at) {
  return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
}

/// What a scope settled, by the minute of Moment::at, for as long as the longest window: so that a
/// limit that is set or changed later counts what was spent before. Not thread-safe.
class SpendHistory {
 public:
  struct Minute {
    std::int64_t minute = 0;
    Money settled;
    std::int64_t requests = 0;
    std::int64_t tokens = 0;
  };

  /// Adds to what that minute has. Minutes that no window can reach any more are forgotten.
  void add(const Minute&);
  /// A sum settled in that minute or later was another one. Less than nothing is in no minute.
  void correct(std::int64_t minute, Money by);
  /// Since ever; not less than what the minutes say.
  void set_total(Money);
  Money total() const { return total_; }

  /// Settled in minutes `from <= m < to`.
  Money between(std::int64_t from, std::int64_t to) const;
  /// Oldest first, at least the last 32 days.
  const std::vector<Minute>& minutes() const { return minutes_; }

 private:
  void forget();

  std::vector<Minute> minutes_;
  Money total_;
};

}  // namespace routerone::admission
