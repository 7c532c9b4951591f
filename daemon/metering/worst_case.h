#pragma once

#include <chrono>
#include <cstdint>

#include "common/catalog/price.h"
#include "common/core/clock.h"
#include "common/core/money.h"
#include "daemon/exchange/target.h"

namespace routerone::metering {

/// What a request may use at most, but for its output.
struct Bounds {
  std::int64_t input_tokens = 0;  ///< Of all classes together.
  std::int64_t web_searches = 0;
  std::int64_t choices = 1;
  bool cache_writes = true;  ///< False: nothing of it can be written to a cache.
  WallTime now{};
  /// How long it may take until it is priced: announced changes in that time count.
  std::chrono::hours horizon{3};
  std::int64_t images_made = 0;
  std::int64_t requests = 1;  ///< As how many it may be billed.
};

/// What a request could cost at one target, whatever tier serves it, whatever the hour: never less
/// than cost_of() of any usage within the bounds whose output is at most the cap. A cost that a
/// provider states itself may be another.
struct WorstCase {
  Money input;                   ///< All but the output: dearest class of the dearest table, fees.
  std::int64_t output_rate = 0;  ///< Picodollars for one token of the cap, all choices together.
  bool known = false;            ///< False: no price is known for a target that may serve.
};

/// `price` null: not known, and all else is 0. Pure; saturates.
WorstCase worst_case(const catalog::Price* price, const Bounds&);

/// The dearest of all targets of a plan, part by part. Not known as soon as one is not.
WorstCase worst_of(const RoutePlan&, const Bounds&);

}  // namespace routerone::metering
