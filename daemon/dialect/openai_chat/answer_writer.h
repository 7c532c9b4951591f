#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/translation.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_chat {

std::string write_answer(const chat::Answer&, const chat::Request& asked, const AnswerFacts&);

/// `chatcmpl-` and what tells the answer from others.
std::string answer_id(std::string_view upstream, const AnswerFacts&);

/// Sources as `annotations`: those that have an address. Nothing is written if none has. `index`,
/// of a stream: how many it has had so far, counted on; clients that put the pieces of a list
/// together want it.
void write_annotations(JsonOut&, const std::vector<chat::Citation>&, std::int64_t* index = nullptr);

/// Members of a call that its beginning tells: id, type, name with `arguments`, signature.
void write_call(JsonOut&, const chat::ToolCall&, std::string_view arguments);

}  // namespace routerone::dialect::openai_chat
