#pragma once

#include <simdjson.h>

#include "daemon/dialect/anthropic/block_reader.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::anthropic {

/// `tools` of a request. Tools that the provider itself defines stay as they are, for this dialect
/// alone; those of them that the caller has to carry out cannot go anywhere else.
void read_tools(simdjson::dom::element tools, chat::Request&, Findings&);

/// `tool_choice` of a request.
void read_tool_choice(simdjson::dom::element choice, chat::Request&, Findings&);

}  // namespace routerone::dialect::anthropic
