#pragma once

#include <simdjson.h>

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"

namespace routerone::dialect::openai_chat {

/// Is this member of a request one that read_tools reads?
bool is_tool_field(std::string_view name);

/// The tools of a request, the choice among them, and whether several may be called at once; also
/// as `functions` and `function_call`, as they were named before there were tools.
tl::expected<void, Refusal> read_tools(simdjson::dom::element request, chat::Request& out);

}  // namespace routerone::dialect::openai_chat
