#pragma once

#include <limits>

#include "common/core/money.h"

namespace routerone::admission {

// Sums and products stay at the end of their range instead of wrapping: an absurd count that a
// provider sent must never turn a spend into a credit.

inline std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}
inline std::int64_t subtract(std::int64_t a, std::int64_t b) {
  std::int64_t rest = 0;
  if (!__builtin_sub_overflow(a, b, &rest)) return rest;
  return b > 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}

inline Money add(Money a, Money b) { return {add(a.picousd, b.picousd)}; }
inline Money subtract(Money a, Money b) { return {subtract(a.picousd, b.picousd)}; }

/// Neither factor is negative.
inline Money times(std::int64_t count, std::int64_t rate) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(count, rate, &product)) return {product};
  return {std::numeric_limits<std::int64_t>::max()};
}

/// Of one request: no more is believed, so that sums of many stay in range.
inline constexpr std::int64_t most_tokens = 1'000'000'000'000;
inline constexpr Money most_money{std::numeric_limits<std::int64_t>::max()};

}  // namespace routerone::admission
