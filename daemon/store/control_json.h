#pragma once

#include "common/core/result.h"
#include "common/json/json_fwd.h"
#include "daemon/exchange/control_data.h"

namespace routerone::store {

/// The version of control.json that this program writes and the newest it reads. Raised when an
/// older program would lose something of a newer file: 2 has limits, 3 has keys that end with a
/// run, 4 has weights, candidate lists and providers' further credentials.
inline constexpr int control_version = 4;

Json control_to_json(const ControlData&);
/// `conflict` for a newer version, `invalid` with the place at fault for anything that is not what
/// control_to_json writes. Fields that are absent have their defaults.
Result<ControlData> control_from_json(const Json&);

}  // namespace routerone::store
