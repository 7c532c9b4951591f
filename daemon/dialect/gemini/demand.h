#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::gemini {

/// What a request may use at most. `body` has passed read_envelope.
tl::expected<Demand, Refusal> measure(std::string_view body);

}  // namespace routerone::dialect::gemini
