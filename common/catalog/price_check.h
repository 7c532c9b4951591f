#pragma once

#include <string_view>

#include "common/core/result.h"

namespace routerone::catalog {

/// Are all names in a price that a person wrote ones that mean something, and do its conditions
/// have their form? `json` is an object; the error names what is at fault. The catalog's own prices
/// are not held to this: its format may grow.
Status check_price_names(std::string_view json);

}  // namespace routerone::catalog
