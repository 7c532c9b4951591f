#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/http/message.h"

namespace routerone::websocket {

/// Does a head ask for a WebSocket at all?
bool is_asked_for(const http::RequestHead&);

/// Why an opening handshake is none.
struct HandshakeFault {
  bool version = false;    ///< Another version of the protocol: 426, which names ours.
  std::string_view what;   ///< In words of ours.
  std::string_view field;  ///< The header at fault.
};

inline constexpr std::string_view served_version = "13";

/// The Sec-WebSocket-Accept that answers an opening handshake (RFC 6455, 4.2). Extensions and
/// subprotocols that are offered are not taken up.
tl::expected<std::string, HandshakeFault> accept_handshake(const http::RequestHead&);

}  // namespace routerone::websocket
