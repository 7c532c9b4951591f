#pragma once

#include <optional>

#include "common/control/wishes.h"
#include "common/core/result.h"
#include "common/json/json.h"
#include "daemon/exchange/route_weights.h"

namespace routerone::control {

/// `{latency, cost, quality}`; null: none of its own.
Json weights_view(const std::optional<RouteWeights>&);

/// Lays what was said over weights: words of `routing::read_weights`, or `none`, which takes them
/// back. `inherited`: those that hold without; what was not said stays as it is.
Status apply_weights(std::optional<RouteWeights>&, const Strings& said,
                     const RouteWeights& inherited);

}  // namespace routerone::control
