#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace routerone {

/// The program that listens at a port, as far as the system tells.
struct PortHolder {
  std::string user;        ///< Its name, else its number; empty: not known.
  std::optional<int> pid;  ///< nullopt: not known; of another user's processes we see no sockets.
  std::string program;     ///< Its name; empty: not known.
};

/// Who listens at that loopback address and port. Nothing is known where the system does not tell
/// (it is Linux that does, in proc(5)) or nobody listens.
PortHolder find_port_holder(const std::string& host, std::uint16_t port);

/// `nginx (pid 123, user www-data)`, `a program of user postgres`, `another program`. Printable.
std::string describe(const PortHolder&);

enum class PortState { free, taken, absent };

/// Could this address and port be listened at now? Tried, and let go at once. absent: there is no
/// such address on this machine, or it is none.
PortState look_at_port(const std::string& host, std::uint16_t port);

}  // namespace routerone
