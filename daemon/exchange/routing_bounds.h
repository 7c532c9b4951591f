#pragma once

#include <cstddef>

#include "common/core/clock.h"

namespace routerone {

/// Bounds on what a user may set of routing. Whoever takes it from a user, a file or a header holds
/// it to these.
inline constexpr double most_weight = 1e6;
inline constexpr std::size_t most_candidates = 64;  ///< Models of one list.
inline constexpr int most_switches = 16;
inline constexpr Millis least_first_byte{1};
inline constexpr Millis most_first_byte{3'600'000};

}  // namespace routerone
