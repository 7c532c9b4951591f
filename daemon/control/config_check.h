#pragma once

#include "common/control/wishes.h"
#include "common/core/result.h"
#include "daemon/control/nouns.h"

namespace routerone::control {

/// Does control data that came as a whole hold together, by the rules that each command holds its
/// own part to? The error names the record at fault. `secrets`: they came with it. `warnings`: what
/// will not work here until somebody does something about it, and what.
Status check_config(const State::Draft& next, bool secrets, Desk, Strings& warnings);

}  // namespace routerone::control
