#pragma once

#include <string_view>

#include "common/core/result.h"
#include "daemon/exchange/route_weights.h"

namespace routerone::routing {

/// Weights as a user writes them: a profile (`fast`, `cheap`, `best`, `balanced`), or
/// `latency=.5,cost=.3` with commas or blanks between, each from 0 to 1000000 and not all 0. A
/// signal that is not said stays as it is `now`. invalid names the word at fault and what there is.
Result<RouteWeights> read_weights(std::string_view text, const RouteWeights& now);

/// How good a model is: a plain decimal from 0 to 1.
Result<double> read_quality(std::string_view text);

}  // namespace routerone::routing
