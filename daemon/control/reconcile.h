#pragma once

#include "common/json/json.h"
#include "daemon/control/nouns.h"

namespace routerone::control {

/// `budgets reconcile`: puts costs right by what a provider's books say, in traces, ledger and the
/// limits in force. The costs come with the call, or are asked of the provider one by one, which
/// takes up to half a minute; what was not reached is counted as `left`.
Result<Json> reconcile(Desk, const Json& body);

}  // namespace routerone::control
