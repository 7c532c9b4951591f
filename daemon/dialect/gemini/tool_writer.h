#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/dialect/effort.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::gemini {

/// The tools as the target is told of them. Foreign tools of a provider's that only help are left
/// out and named in `dropped`; those that would be missed are refused.
tl::expected<std::vector<chat::Tool>, Refusal> choose_tools(const chat::Request&, const Target&,
                                                            std::vector<std::string>& dropped);

/// `tools` and `toolConfig`, if there are any.
void write_tools(JsonOut&, const std::vector<chat::Tool>&, const chat::ToolChoice&,
                 const GeminiFamily&, const ToolNames&, std::vector<std::string>& dropped);

}  // namespace routerone::dialect::gemini
