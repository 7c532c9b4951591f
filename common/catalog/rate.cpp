#include "common/catalog/rate.h"

#include "common/core/money.h"

namespace routerone::catalog {

Result<std::int64_t> read_rate(std::string_view text) {
  // A million tokens at 1 USD is 1e12 picodollars over 1e6 tokens: the same digits, 1e6 apart.
  TRY(const Money per_million, parse_usd(text));
  constexpr std::int64_t tokens = 1'000'000;
  if (per_million.picousd < 0) return fail(ErrorKind::invalid, "a price cannot be negative");
  if (per_million.picousd % tokens != 0) {
    return fail(ErrorKind::invalid,
                "a price has at most 6 decimals of USD per million: " + std::string(text));
  }
  return per_million.picousd / tokens;
}

}  // namespace routerone::catalog
