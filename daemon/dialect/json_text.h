#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// A value of a Dom that is alive as compact JSON: key order kept, numbers as they were written.
chat::JsonText json_text(simdjson::dom::element value);

/// Is this one valid JSON object?
bool is_json_object(std::string_view text);

/// Arguments of a call as the dialects need them that want an object: the text itself if it is one;
/// `{}` for none; what is JSON but no object under `value`, what is no JSON under `_raw`, so that a
/// conversation with a slip of the model's stays usable.
chat::JsonText as_arguments(std::string_view text);

/// Arguments as the dialects write them that want a string: never empty.
inline std::string_view arguments_text(const chat::ToolCall& call) {
  return call.arguments.empty() && !call.freeform ? "{}" : std::string_view(call.arguments);
}

}  // namespace routerone::dialect
