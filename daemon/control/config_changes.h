#pragma once

#include "common/json/json.h"
#include "daemon/control/state.h"

namespace routerone::control {

/// What becomes other, for a person who is to agree: `[{"how": "added|changed|removed", "what":
/// "key ci", "fields": ["limits.usd: 5.000000 -> 10.000000"]}]`. No secret stands in it: where one
/// changes only that is told. Empty: nothing changes.
Json config_changes(const State::Draft& before, const State::Draft& after);

}  // namespace routerone::control
