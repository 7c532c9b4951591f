#pragma once

#include <cstddef>
#include <memory>

#include "daemon/dialect/conversation.h"

namespace routerone::dialect::openai_responses {

/// The WebSocket form of this dialect, as its vendor's guide and Codex have it: `response.create`
/// with the body's members around it, `generate: false` to prepare without an answer, and
/// `previous_response_id` for what was said before. Items are kept as the text they came in. One
/// chain is kept: of the response that was named last, back to its start. `most_kept`: bytes.
std::unique_ptr<Conversation> converse(std::size_t most_kept);

}  // namespace routerone::dialect::openai_responses
