#pragma once

#include <optional>

#include "common/json/json_fwd.h"
#include "daemon/exchange/control_data.h"

namespace routerone::store {

class JsonFields;

/// `{latency, cost, quality}`, or null.
Json weights_to_json(const std::optional<RouteWeights>&);
/// The field `weights` of a record, held to the bounds of routing_bounds.h as all below.
void read_weights(JsonFields& record, std::optional<RouteWeights>&);
void read_first_byte(JsonFields& record, const char* name, Millis&);

Json routing_to_json(const RoutingRecord&);
void read_routing(JsonFields, RoutingRecord&);

/// What `auto` chooses from and how good models are, among the fields of the whole.
void write_choices(Json& whole, const ControlData&);
void read_choices(JsonFields& whole, ControlData&);

}  // namespace routerone::store
