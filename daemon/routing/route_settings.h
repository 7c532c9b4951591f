#pragma once

#include "daemon/exchange/control_data.h"

namespace routerone::routing {

/// How a request is routed where it says nothing of its own: what its key has set goes before what
/// its project has, and that before the settings of all.
struct RouteSettings {
  enum class From { settings, project, key };

  RouteWeights weights;
  From weights_from = From::settings;
  int failover_switches = 0;
  Millis first_byte_floor{}, first_byte_ceiling{};  ///< The floor is not above the ceiling.
  bool hedge = false;
};

/// Null: neither key nor project has anything to say.
RouteSettings route_settings(const Settings&, const ProjectRecord*, const KeyRecord*);

}  // namespace routerone::routing
