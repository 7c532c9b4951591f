#pragma once

#include <string_view>

namespace routerone::dialect {

/// Would OpenAI's strict mode take this schema? Each object in it is closed, and wants all its
/// properties. Where it would not, `strict` has to be false, or the request is refused.
bool is_strict_schema(std::string_view schema);

}  // namespace routerone::dialect
