#pragma once

#include "common/core/clock.h"
#include "daemon/store/readers.h"
#include "daemon/store/trace_store.h"

namespace routerone::store {

/// From roll-ups where these have what is asked for: days, quarters, and the rows of the quarters
/// that the range begins and ends in. From the rows, the newest first, where only these do.
Result<UsageAnswer> sum_usage(const Readers&, const Clock&, const UsageQuery&);

}  // namespace routerone::store
