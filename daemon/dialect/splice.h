#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// The body with its splices made, as pieces to be gathered by a write; nothing is copied. `sorted`
/// by place and without overlap; the pieces point into both arguments.
std::vector<std::string_view> splice(std::string_view body, std::span<const Splice> sorted);

}  // namespace routerone::dialect
