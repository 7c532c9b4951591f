#pragma once

#include "daemon/dialect/json_out.h"
#include "daemon/exchange/usage.h"

namespace routerone::dialect::anthropic {

/// The usage object of a message: every member there, what is not known 0 or null.
void write_message_usage(JsonOut&, const Usage&);

/// That of `message_delta`, which has fewer members and replaces what the start said.
void write_delta_usage(JsonOut&, const Usage&);

}  // namespace routerone::dialect::anthropic
