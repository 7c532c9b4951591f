#pragma once

#include "common/json/json.h"
#include "daemon/store/usage.h"

namespace routerone::control {

/// What some requests came to, in the fields that every command shows it in.
void add_sums(Json& out, const store::UsageLine&);

}  // namespace routerone::control
