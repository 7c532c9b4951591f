#pragma once

#include <string_view>

#include "common/core/result.h"
#include "common/json/json.h"
#include "daemon/control/nouns.h"
#include "daemon/exchange/control_data.h"
#include "daemon/routing/route_settings.h"

namespace routerone::control {

std::string_view to_word(routing::RouteSettings::From);  ///< `all`, `project`, `key`

// The calls of the noun `routes` that have files of their own.

Result<Json> set_routes(Desk, const Json& body);
Result<Json> set_candidates(Desk, const Json& body);
Result<Json> explain_route(Desk, const Json& body);

/// `{scope, weights, weights_from, failover_switches, first_byte_floor_ms, ..}`: what holds for all
/// (`all`), for a project (`project:NAME`) or a key (`key:NAME`), its own and what it inherits.
Json route_settings_view(const ControlData&);
Json route_settings_view(const ProjectRecord&, const ControlData&);
Json route_settings_view(const KeyRecord&, const ControlData&);

/// `{name, asked_for, models}`
Json candidates_view(const CandidatesRecord&);

}  // namespace routerone::control
