#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::anthropic {

/// A whole message, or the answer of a count: then only the usage's input is known.
tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body);

}  // namespace routerone::dialect::anthropic
