#pragma once

#include <optional>
#include <string_view>

#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// What a finish reason means; nullopt: the model broke off in a way that is no answer.
std::optional<chat::Finish> read_finish(std::string_view reason);

/// The reason that says an ending in this dialect. `refused`: a part of the answer was a refusal.
std::string_view finish_reason(chat::Finish, bool refused);

}  // namespace routerone::dialect::gemini
