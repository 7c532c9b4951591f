#pragma once

#include "common/json/json.h"
#include "daemon/control/nouns.h"
#include "daemon/control/scopes.h"

namespace routerone::control {

/// How a scope stands: its limit, what is spent of it, held and left, and when it begins anew.
/// Without a limit `spent_usd` is all that was ever spent. The wallet has its balance too, if it is
/// prepaid, and the top-ups that made it.
Json budget_view(const Scope&, const ControlData&, Desk);

}  // namespace routerone::control
