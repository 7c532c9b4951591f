#pragma once

#include <string>

#include "common/core/result.h"
#include "common/json/json.h"
#include "daemon/control/nouns.h"
#include "daemon/exchange/control_data.h"

namespace routerone::control {

/// Adds how good a model is taken to be, and who says so: `user`, or `unknown`.
void add_quality(Json& out, const std::string& model, const ControlData&);

Result<Json> set_quality(Desk, const Json& body);

}  // namespace routerone::control
