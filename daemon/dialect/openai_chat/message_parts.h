#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"

namespace routerone::dialect::openai_chat {

/// A message's content: a string, null, or an array of parts. `where` names it in refusals.
tl::expected<std::vector<chat::Part>, Refusal> read_content(simdjson::dom::element message,
                                                            std::string_view where);

/// The calls of an assistant message, of a request or of a whole answer; also the one call of
/// before there were tools.
std::vector<chat::ToolCall> read_calls(simdjson::dom::element message);

/// `extra_content.google.thought_signature` of a call; empty: none.
std::string_view call_signature(simdjson::dom::element call);

/// Sources in `annotations`.
std::vector<chat::Citation> read_citations(simdjson::dom::element message);

}  // namespace routerone::dialect::openai_chat
