#pragma once

#include <limits>

#include "common/core/money.h"

namespace routerone::admission {

/// Of one request: no more is believed, so that sums of many stay in range.
inline constexpr std::int64_t most_tokens = 1'000'000'000'000;
inline constexpr Money most_money{std::numeric_limits<std::int64_t>::max()};

}  // namespace routerone::admission
