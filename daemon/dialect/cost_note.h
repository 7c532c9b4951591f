#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// The change that adds `"cost": USD` to the usage object which stands at `path` in a JSON object;
/// nullopt if there is none, or if it states a cost already.
std::optional<Splice> note_cost(std::string_view json, std::span<const std::string_view> path,
                                Money);

}  // namespace routerone::dialect
