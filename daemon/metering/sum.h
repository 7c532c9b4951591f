#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "common/core/money.h"

namespace routerone::metering {

/// Adds products exactly; what does not fit 64 bits stays at their end, and nothing is below 0.
class Sum {
  __extension__ typedef __int128 Wide;

 public:
  void add(std::int64_t count, std::int64_t rate) { total_ += static_cast<Wide>(count) * rate; }
  std::int64_t value() const {
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp<Wide>(total_, 0, most));
  }
  Money money() const { return Money{value()}; }

 private:
  Wide total_ = 0;
};

}  // namespace routerone::metering
