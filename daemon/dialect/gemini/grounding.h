#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

#include "daemon/dialect/gemini/text_places.h"
#include "daemon/dialect/json_out.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// The web pages that a candidate's `groundingMetadata` names for a text. Its places are bytes of
/// the text; a citation's are characters.
std::vector<chat::Citation> read_grounding(simdjson::dom::element metadata, const TextPlaces&);

/// And back, as a member `groundingMetadata`; nothing if there are none. `text`: all of it, whose
/// parts are repeated; empty: it is not known any more.
void write_grounding(JsonOut&, const std::vector<chat::Citation>&, const TextPlaces&,
                     std::string_view text);

}  // namespace routerone::dialect::gemini
