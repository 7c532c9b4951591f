#pragma once

#include <string>
#include <string_view>

#include "common/json/json.h"

namespace routerone::control {

/// Where in a configuration file something is wrong. Pure; quotes names, never values.

/// `line 3, column 17` of the first fault of text that is not JSON; empty: there is none.
std::string place_of_fault(std::string_view text);

/// The place of the first field of `given` that `known` does not have, like `keys[2].limts`; empty:
/// it has all of them. Lists are compared entry by entry.
std::string unknown_place(const Json& given, const Json& known);

}  // namespace routerone::control
