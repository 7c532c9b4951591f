#pragma once

#include <simdjson.h>

#include <string_view>

#include "daemon/exchange/chat.h"

namespace routerone::dialect::anthropic {

/// `stop_reason`, `stop_sequence` and `stop_details` of a message or of a `message_delta`'s delta;
/// what is absent or null leaves `ending` as it is. True if a reason was there.
bool read_stop(simdjson::dom::element from, chat::Ending& ending);

/// What an answer holds decides before what was said: one with calls never just stopped.
chat::Finish settled_finish(chat::Finish, bool called);

/// The word for it. `refused`: the model said no in its text.
std::string_view stop_reason(chat::Finish, bool called, bool refused);

}  // namespace routerone::dialect::anthropic
