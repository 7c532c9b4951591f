#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "common/core/result.h"

namespace routerone {

/// What we build and what the control plane speaks; key order is kept. Never on the byte path.
using Json = nlohmann::ordered_json;

inline constexpr std::size_t max_json_depth = 512;

/// Parses text that is not ours, by simdjson, which validates it whole and bounds its depth; of a
/// key that stands twice the last value counts. What the error says of the place is simdjson's.
Result<Json> parse_json(std::string_view text, std::size_t max_depth = max_json_depth);

}  // namespace routerone
