#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::openai_chat {

/// What a chat, completion or embedding request may use at most. `body` has passed read_envelope.
tl::expected<Demand, Refusal> measure(const Operation&, std::string_view body);

}  // namespace routerone::dialect::openai_chat
