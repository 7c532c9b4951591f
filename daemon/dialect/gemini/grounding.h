#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// The web pages that a candidate's `groundingMetadata` names for `text`. Its places are bytes of
/// the text; a citation's are characters.
std::vector<chat::Citation> read_grounding(simdjson::dom::element metadata, std::string_view text);

/// And back, as a member `groundingMetadata`; nothing if there are none.
void write_grounding(JsonOut&, const std::vector<chat::Citation>&, std::string_view text);

}  // namespace routerone::dialect::gemini
