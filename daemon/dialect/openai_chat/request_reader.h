#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"

namespace routerone::dialect::openai_chat {

/// A Chat Completions request as everybody can understand it. The body has passed read_envelope.
tl::expected<chat::Request, Refusal> read_request(std::string_view body);

}  // namespace routerone::dialect::openai_chat
