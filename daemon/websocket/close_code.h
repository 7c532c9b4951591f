#pragma once

#include <cstdint>

namespace routerone::websocket {

/// Why a connection ends (RFC 6455, 7.4.1), as far as we say it ourselves.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,  ///< A binary message: the dialects speak text.
  none = 1005,         ///< Stands for a Close that names no code; never on the wire.
  bad_data = 1007,     ///< Text that is not UTF-8.
  policy = 1008,
  too_big = 1009,
  try_again_later = 1013,
};

/// May the other side say this code?
constexpr bool may_be_sent(std::uint16_t code) {
  const bool registered = code >= 1000 && code <= 1014;
  const bool reserved = code == 1004 || code == 1005 || code == 1006;
  return (registered && !reserved) || (code >= 3000 && code <= 4999);
}

}  // namespace routerone::websocket
