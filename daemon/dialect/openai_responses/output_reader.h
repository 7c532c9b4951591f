#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// A `reasoning` item, of an answer or of a conversation sent back. Its state is ours to restore
/// where another dialect's travelled in it, else this dialect's own: without the id, which must be
/// the one inside the ciphertext or absent. Nullopt if there is nothing in it.
std::optional<chat::Thinking> read_reasoning(simdjson::dom::element item);

bool is_call(std::string_view type);
/// A `function_call` or `custom_tool_call` item.
chat::ToolCall read_call(simdjson::dom::element item);

/// A content part of an answer's message; nullopt if it is neither text nor a refusal.
std::optional<chat::Text> read_text(simdjson::dom::element part);

}  // namespace routerone::dialect::openai_responses
