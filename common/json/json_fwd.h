#pragma once

#include <nlohmann/json_fwd.hpp>

namespace routerone {
using Json = nlohmann::ordered_json;
}
