#pragma once

#include "daemon/dialect/gemini/fields.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

void read_tools(Element tools, chat::Request&, Findings&);
void read_tool_config(Element config, chat::Request&, Findings&);

}  // namespace routerone::dialect::gemini
