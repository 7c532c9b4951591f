#include "daemon/routing/route_settings.h"

#include <algorithm>

namespace routerone::routing {

RouteSettings route_settings(const Settings& settings, const ProjectRecord* project,
                             const KeyRecord* key) {
  const RoutingRecord own = project ? project->routing : RoutingRecord{};
  RouteSettings out;
  out.weights = own.weights.value_or(settings.weights);
  if (own.weights) out.weights_from = RouteSettings::From::project;
  if (key && key->weights) {
    out.weights = *key->weights;
    out.weights_from = RouteSettings::From::key;
  }
  out.failover_switches = own.failover_switches.value_or(settings.failover_switches);
  out.first_byte_ceiling = own.first_byte_ceiling.value_or(settings.first_byte_timeout);
  out.first_byte_floor =
      std::min(own.first_byte_floor.value_or(settings.first_byte_floor), out.first_byte_ceiling);
  out.hedge = own.hedge;
  return out;
}

}  // namespace routerone::routing
