#pragma once

#include <algorithm>
#include <chrono>

#include "common/core/clock.h"

namespace routerone::routing {

/// One moment by both clocks: what was before a restart is known by the wall clock only.
struct Moment {
  WallTime wall{};
  SteadyTime steady{};

  static Moment now(const Clock& clock) { return {clock.wall(), clock.steady()}; }

  WallTime wall_of(SteadyTime at) const {
    return wall + std::chrono::duration_cast<std::chrono::microseconds>(at - steady);
  }
  /// Of what is past: the wall clock may have been set back since, or be wrong by years.
  SteadyTime past(WallTime at) const {
    return steady - (wall - std::clamp(at, wall - longest, wall));
  }
  /// Of what is still to come, so far ahead at most.
  SteadyTime coming(WallTime at, std::chrono::seconds most) const {
    return steady + (std::clamp(at, wall - longest, wall + most) - wall);
  }

 private:
  static constexpr std::chrono::hours longest{24 * 366};
};

}  // namespace routerone::routing
