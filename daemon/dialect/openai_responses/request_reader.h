#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/dialect.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// A Responses request as a target of another dialect is to get it.
tl::expected<chat::Request, Refusal> read_request(const Operation&, std::string_view body);

}  // namespace routerone::dialect::openai_responses
