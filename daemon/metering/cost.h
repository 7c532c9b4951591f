#pragma once

#include <optional>

#include "common/catalog/price.h"
#include "common/core/clock.h"
#include "common/core/money.h"
#include "daemon/exchange/target.h"
#include "daemon/exchange/usage.h"

namespace routerone::metering {

struct Cost {
  std::optional<Money> amount;  ///< nullopt: unknown, never 0.
  PriceSource source = PriceSource::unknown;
  std::optional<Money> list;  ///< By the posted price, where the provider stated another.
  bool lower_bound = false;   ///< A class without its own rate was charged at a nearby one.
};

/// Cost rule of catalog/SCHEMA, steps 2 to 6. `price` null: unknown. Pure. Sums saturate instead of
/// overflowing; negative or absurd counts were clamped when the usage was read.
Cost cost_of(const Usage&, const catalog::Price* price, PriceSource source, WallTime now);

}  // namespace routerone::metering
