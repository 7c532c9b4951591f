#pragma once

#include <string>
#include <string_view>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::anthropic {

/// A whole message; of a count its own short answer.
std::string write_answer(const chat::Answer&, const chat::Request& asked, const AnswerFacts&);

// --- What whole answers and streams write alike ---

/// `msg_` and what the upstream called the answer, or what we do.
std::string message_id(std::string_view upstream, const AnswerFacts&);
/// What a block of thinking is signed with: its maker's own signature where that is this dialect,
/// else our carrier of its state; empty: nothing.
std::string signature_of(const chat::Thinking&);
/// State at a call, for a block of thinking before it; without state there is none.
chat::Thinking thinking_before(const chat::ToolCall&);
/// `stop_reason`, `stop_sequence` and `stop_details`, as members.
struct Said {
  bool called = false;   ///< A tool was called.
  bool refused = false;  ///< A text was the model's own refusal.
};
void write_stop(JsonOut&, const chat::Ending&, Said);
void write_citation(JsonOut&, const chat::Citation&);
/// With its namespace, where it has one.
std::string call_name(const chat::ToolCall&);

}  // namespace routerone::dialect::anthropic
