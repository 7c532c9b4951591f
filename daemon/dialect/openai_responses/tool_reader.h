#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "daemon/dialect/openai_responses/findings.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// A list of tools, wherever it stands, behind the request's tools. Of those that the provider
/// itself defines, the ones that agents declare in every request stay, for this dialect alone; a
/// caller that asks for another would miss it.
void read_tools(simdjson::dom::element tools, std::string_view path, chat::Request&, Findings&);

void read_tool_choice(simdjson::dom::element choice, chat::Request&, Findings&);

}  // namespace routerone::dialect::openai_responses
