#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "daemon/dialect/json_out.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_chat {

/// Why an answer ended, from the word of this dialect or one of the many that its servers use.
/// Derived, not copied: a stop after calls was for the calls. Nullopt: the word says that it
/// failed. An empty word is a stop.
std::optional<chat::Finish> read_finish(std::string_view word, bool called, bool refused);

/// The word for it. `refused`: a refusal stands in the answer as such, which then simply stopped.
std::string_view finish_word(const chat::Ending&, bool called, bool refused, bool legacy);

/// The usage of a whole answer or chunk, wherever it stands; unknown if there is none.
Usage usage_of(simdjson::dom::element document);

/// `{"prompt_tokens":..}`; only for usage that is known.
void write_usage(JsonOut&, const Usage&);

}  // namespace routerone::dialect::openai_chat
