#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/dialect.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::anthropic {

/// A request in this dialect as a target of another dialect is to get it: what only says which
/// client it comes from is left out.
tl::expected<chat::Request, Refusal> read_request(const Operation&, std::string_view body);

}  // namespace routerone::dialect::anthropic
