#pragma once

#include "common/core/clock.h"

namespace routerone::test {

/// Time moves only when a test moves it. One thread.
class ManualClock final : public Clock {
 public:
  WallTime wall() const override { return wall_; }
  SteadyTime steady() const override { return steady_; }
  SteadyTime continuous() const override { return steady_ + asleep_; }

  void advance(std::chrono::microseconds by) {
    wall_ += by;
    steady_ += by;
  }
  /// The machine sleeps: all clocks but steady() go on.
  void sleep(std::chrono::microseconds by) {
    wall_ += by;
    asleep_ += by;
  }
  /// Somebody sets the clock on the wall.
  void set_wall(WallTime to) { wall_ = to; }
  void jump_wall(std::chrono::microseconds by) { wall_ += by; }

 private:
  WallTime wall_{std::chrono::microseconds(1'700'000'000'000'000)};
  SteadyTime steady_{std::chrono::hours(1)};
  std::chrono::microseconds asleep_{};
};

}  // namespace routerone::test
