#pragma once

#include <memory>

#include "daemon/dialect/conversation.h"
#include "daemon/dialect/registry.h"
#include "daemon/http/session.h"
#include "daemon/relay/relay.h"
#include "daemon/websocket/connection.h"

namespace routerone {

/// Opens the WebSocket that `exchange` asks for and serves it to its end: each message is a request
/// of its own, one after the other, authenticated, limited, relayed and traced like a POST. What is
/// no opening handshake, or carries no valid key, is refused in HTTP before it.
net::Task<void> talk(http::Exchange&, Relay&, const dialect::Match&,
                     std::unique_ptr<dialect::Conversation>, const websocket::Options&);

}  // namespace routerone
