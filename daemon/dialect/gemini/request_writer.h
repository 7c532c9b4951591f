#pragma once

#include <tl/expected.hpp>

#include "daemon/dialect/translation.h"

namespace routerone::dialect::gemini {

/// A generateContent request, streamed as events, or countTokens.
tl::expected<WrittenRequest, Refusal> write_request(const chat::Request&, const Target&);

}  // namespace routerone::dialect::gemini
