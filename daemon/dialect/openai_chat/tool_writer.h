#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::openai_chat {

/// `tools`, `tool_choice` and `parallel_tool_calls`; none of them without a tool. `by_its_maker`:
/// one of the models of those who made this dialect, which alone know a choice among some.
/// Refused: a choice that forces what cannot be written. Adds to `dropped`.
tl::expected<void, Refusal> write_tools(const chat::Request&, const Target&, bool by_its_maker,
                                        const ToolNames&, JsonOut&,
                                        std::vector<std::string>& dropped);

}  // namespace routerone::dialect::openai_chat
