#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_chat {

/// A whole chat completion. Its first choice is the answer.
tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body);

}  // namespace routerone::dialect::openai_chat
