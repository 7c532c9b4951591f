#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace routerone {

/// `%2F` and friends decoded; what is no escape stays as it is.
std::string percent_decoded(std::string_view text);

/// The first parameter of that name in `a=1&b=2`, decoded.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

}  // namespace routerone
