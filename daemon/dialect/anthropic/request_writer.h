#pragma once

#include <tl/expected.hpp>

#include "daemon/dialect/translation.h"

namespace routerone::dialect::anthropic {

/// A request of another dialect's caller, as one of ours; where only a count is asked, of the
/// counting kind. Rule: MAPPING, directions to Messages.
tl::expected<WrittenRequest, Refusal> write_request(const chat::Request&, const Target&);

}  // namespace routerone::dialect::anthropic
