#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/openai_responses/findings.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// The content of a message, or what a tool gave: one text, one part or a list of parts. `path` is
/// where it stands, for refusals: `input[3].content`.
std::vector<chat::Part> read_content(simdjson::dom::element content, std::string_view path,
                                     Findings&);

/// Sources that a part names in `annotations`.
std::vector<chat::Citation> read_citations(simdjson::dom::element part);

}  // namespace routerone::dialect::openai_responses
