#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace routerone {

/// A socket that listens, as the kernel's tables know it.
struct ListeningSocket {
  std::uint32_t uid = 0;
  std::uint64_t inode = 0;
};

/// Those at that loopback address (`127.0.0.1`, `::1`) and port, else those for all addresses.
/// None, too, where the system does not tell (it is Linux that does: net/tcp and net/tcp6 of
/// proc(5)).
std::vector<ListeningSocket> listening_sockets(const std::string& host, std::uint16_t port);

}  // namespace routerone
