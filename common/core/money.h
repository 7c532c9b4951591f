#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.h"
#include "common/core/saturating.h"

namespace routerone {

/// An exact amount: signed 64-bit picodollars (1e-12 USD). Every posted token price is a whole
/// number of them a token, so sums are exact; rounding happens once, on display. Sums that would
/// not fit stay at the end of the range.
struct Money {
  std::int64_t picousd = 0;

  friend constexpr auto operator<=>(Money, Money) = default;
  constexpr Money& operator+=(Money other) {
    picousd = saturating_add(picousd, other.picousd);
    return *this;
  }
  constexpr Money& operator-=(Money other) {
    picousd = saturating_subtract(picousd, other.picousd);
    return *this;
  }
  friend constexpr Money operator+(Money a, Money b) { return a += b; }
  friend constexpr Money operator-(Money a, Money b) { return a -= b; }
};

/// `0.004200`: USD with at least six decimals, and as many more as are needed to be exact.
std::string format_usd(Money);

/// `3`, `0.25`, `1e-7`: USD as a person or a JSON number writes it, up to 12 decimals. Error if it
/// has more, is not a number, or does not fit.
Result<Money> parse_usd(std::string_view text);

}  // namespace routerone
