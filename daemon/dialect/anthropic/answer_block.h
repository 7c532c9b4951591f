#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/exchange/chat.h"

namespace routerone::dialect::anthropic {

/// A block of an answer, as far as it is there: of a whole answer all of it, of a stream what
/// `content_block_start` says. Nullopt for what the provider's own tools did: nobody waits for it.
std::optional<chat::Part> read_answer_block(simdjson::dom::element block);

/// A block of thinking as this dialect wants it back; empty without a signature.
chat::JsonText thinking_state(std::string_view text, std::string_view signature);
/// Where its text begins in it.
inline constexpr std::size_t thinking_text_at =
    std::string_view(R"({"type":"thinking","thinking":")").size();

/// A source that a text block names, as `citations` and `citations_delta` have it.
chat::Citation read_citation(simdjson::dom::element citation);
/// The whole text, `characters` long, is what its sources stand for; told once that is known.
void settle_citations(chat::Text&, std::int64_t characters);

}  // namespace routerone::dialect::anthropic
