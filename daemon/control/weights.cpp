#include "daemon/control/weights.h"

#include <fmt/format.h>

#include "daemon/routing/weights_text.h"

namespace routerone::control {

Json weights_view(const std::optional<RouteWeights>& weights) {
  if (!weights) return nullptr;
  Json out = Json::object();
  out["latency"] = weights->latency;
  out["cost"] = weights->cost;
  out["quality"] = weights->quality;
  return out;
}

Status apply_weights(std::optional<RouteWeights>& weights, const Strings& said,
                     const RouteWeights& inherited) {
  if (said == Strings{"none"}) {
    weights.reset();
    return {};
  }
  TRY(weights,
      routing::read_weights(fmt::format("{}", fmt::join(said, ",")), weights.value_or(inherited)));
  return {};
}

}  // namespace routerone::control
