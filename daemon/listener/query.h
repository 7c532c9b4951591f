#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace routerone {

/// The first parameter of that name in `a=1&b=2`, decoded.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

}  // namespace routerone
