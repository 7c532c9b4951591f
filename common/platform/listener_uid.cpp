#include "common/platform/listener_uid.h"

#include "common/platform/listening_sockets.h"

namespace routerone {

std::optional<std::uint32_t> listener_uid(const std::string& host, std::uint16_t port,
                                          std::uint32_t ours) {
  const auto sockets = listening_sockets(host, port);
  if (sockets.empty()) return std::nullopt;
  for (const ListeningSocket& socket : sockets)
    if (socket.uid != ours) return socket.uid;
  return ours;
}

}  // namespace routerone
