#pragma once

#include <string>

#include "common/json/json.h"

namespace routerone::cli {

/// `latency=0.5 cost=0.3 quality=0.2` of an answer's weights, as they can be typed again.
std::string weights_words(const Json& weights);
/// `30s`, `290s`, `1500ms`
std::string millis_words(const Json& object, const char* field);

}  // namespace routerone::cli
