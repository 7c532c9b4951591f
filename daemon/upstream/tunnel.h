#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/exchange/target.h"
#include "daemon/net/task.h"
#include "daemon/upstream/connection.h"

namespace routerone::upstream {

/// `wire` is connected to the proxy; afterwards what is written to it goes to `host:port`. Why not,
/// in words of ours, if the proxy will not; the connection is no good then. Whoever calls limits
/// the time. Sources: RFC 9110, 9.3.6 (CONNECT); RFC 1928 and 1929 (SOCKS5).
net::Task<std::optional<std::string>> open_tunnel(Connection& wire, const Proxy&,
                                                  const std::string& host, std::uint16_t port);

}  // namespace routerone::upstream
