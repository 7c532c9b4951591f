#pragma once

#include "common/core/clock.h"

namespace routerone::test {

/// Time moves only when a test moves it. One thread.
class ManualClock final : public Clock {
 public:
  WallTime wall() const override { return wall_; }
  SteadyTime steady() const override { return steady_; }

  void advance(std::chrono::microseconds by) {
    wall_ += by;
    steady_ += by;
  }

 private:
  WallTime wall_{std::chrono::microseconds(1'700'000'000'000'000)};
  SteadyTime steady_{std::chrono::hours(1)};
};

}  // namespace routerone::test
