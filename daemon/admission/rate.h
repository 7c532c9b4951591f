#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/rate_state.h"

namespace routerone::admission {

/// An exact sliding window: what was taken counts until it is `window` old, neither shorter nor
/// longer, so that no stretch of that length holds more than the limit and none is refused that
/// would fit. Remembers each taking. Times are Moment::at and never go back. Not thread-safe.
class SlidingRate {
 public:
  using Duration = WallTime::duration;

  SlidingRate(std::int64_t limit, std::chrono::seconds window) : limit_(limit), window_(window) {}

  void set_limit(std::int64_t limit) { limit_ = limit; }
  std::int64_t limit() const { return limit_; }
  std::chrono::seconds window() const { return window_; }

  /// Until `amount` more fits; zero: it does. `amount` is at most the limit.
  Duration wait(WallTime now, std::int64_t amount);
  void take(WallTime now, std::int64_t amount);
  /// What was taken at that time is `by` more or less. Without effect where that time is no longer
  /// counted, or less is there than is given back.
  void correct(WallTime now, WallTime taken, std::int64_t by);
  RateState::Rate state(WallTime now);

 private:
  struct Taken {
    WallTime at;
    std::int64_t amount = 0;
  };

  void expire(WallTime now);

  std::int64_t limit_;
  std::chrono::seconds window_;
  std::vector<Taken> taken_;  ///< In order of time; from `first_` on.
  std::size_t first_ = 0;
  std::int64_t sum_ = 0;
};

}  // namespace routerone::admission
