#pragma once

namespace routerone {

/// What counts how much when a target is chosen. Only their proportions matter; all zero is as if
/// all were equal.
struct RouteWeights {
  double latency = 1, cost = 1, quality = 1;

  bool operator==(const RouteWeights&) const = default;
};

}  // namespace routerone
