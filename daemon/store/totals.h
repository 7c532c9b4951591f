#pragma once

#include <limits>
#include <map>
#include <string>

#include "common/core/money.h"

namespace routerone::store {

/// Money a scope (`wallet`, `project:NAME`, `key:ID`).
using Totals = std::map<std::string, Money>;

/// Sums stay at the end of their range instead of wrapping: an absurd count that a provider sent
/// must neither turn a spend into a credit nor stop the store.
inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}

inline Money saturating_add(Money a, Money b) { return {saturating_add(a.picousd, b.picousd)}; }

/// The new total.
inline Money add_to(Totals& totals, const std::string& scope, Money amount) {
  Money& total = totals[scope];
  return total = saturating_add(total, amount);
}

}  // namespace routerone::store
