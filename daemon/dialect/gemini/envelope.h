#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::gemini {

/// The output cap of a request: all that its body tells of an envelope; model and framing stand in
/// the path. Providers read each name in two spellings, `maxOutputTokens` and `max_output_tokens`;
/// given in both it is refused, as is whatever would leave open which one counts.
tl::expected<Envelope, Refusal> read_envelope(std::string_view body);

/// The envelope of a request that has no cap, only its form is checked.
tl::expected<Envelope, Refusal> read_object_only(std::string_view body);

/// Puts `cap` in the place of the caller's, or where it belongs. `body` has passed read_envelope.
std::vector<Splice> write_cap(std::string_view body, std::int64_t cap);

}  // namespace routerone::dialect::gemini
