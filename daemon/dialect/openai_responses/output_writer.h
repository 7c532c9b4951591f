#pragma once

#include <string_view>

#include "daemon/dialect/json_out.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// How an item's id begins; the provider checks it in what is sent back to it.
std::string_view id_prefix(const chat::Part&);

/// An item of an answer as it begins: without its text.
void write_new_item(JsonOut&, std::string_view id, const chat::Part&);
/// And whole. `status`: `completed` or `incomplete`.
void write_item(JsonOut&, std::string_view id, const chat::Part&, std::string_view status);

/// The one content part of a message.
void write_content_part(JsonOut&, const chat::Text&);
void write_annotation(JsonOut&, const chat::Citation&);

}  // namespace routerone::dialect::openai_responses
