#pragma once

#include <string>
#include <vector>

#include "daemon/dialect/effort.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// `tools` and `toolConfig`, if there are any.
void write_tools(JsonOut&, const std::vector<chat::Tool>&, const chat::ToolChoice&,
                 const GeminiFamily&, const ToolNames&, std::vector<std::string>& dropped);

}  // namespace routerone::dialect::gemini
