// Linux: the kernel's tables of sockets are files there. Elsewhere they are not, and none is found.
#include "common/platform/listening_sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <sstream>

namespace routerone {
namespace {

/// An address as the kernel prints it: each 32 bits of it as a number of this machine.
std::string as_printed(int family, const std::string& host, std::uint16_t port) {
  std::array<std::uint32_t, 4> words{};
  if (::inet_pton(family, host.c_str(), words.data()) != 1) return {};
  std::string text;
  for (std::size_t i = 0; i < (family == AF_INET ? 1U : 4U); ++i)
    text += fmt::format("{:08X}", words[i]);
  return text + fmt::format(":{:04X}", port);
}

/// `sl local remote state tx:rx tr:when retrnsmt uid timeout inode ..`
void add_sockets(const char* table, const std::string& local, std::vector<ListeningSocket>& found) {
  constexpr std::string_view listens = "0A";
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (!local.empty() && std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, here, there, state, queues, timer, retries, timeout;
    ListeningSocket socket;
    words >> slot >> here >> there >> state >> queues >> timer >> retries >> socket.uid >>
        timeout >> socket.inode;
    if (words && here == local && state == listens) found.push_back(socket);
  }
}

}  // namespace

std::vector<ListeningSocket> listening_sockets(const std::string& host, std::uint16_t port) {
  constexpr const char *v4 = "/proc/net/tcp", *v6 = "/proc/net/tcp6";
  const bool is_v6 = host.find(':') != host.npos;
  std::vector<ListeningSocket> found;
  if (is_v6) {
    add_sockets(v6, as_printed(AF_INET6, host, port), found);
  } else {
    add_sockets(v4, as_printed(AF_INET, host, port), found);
    add_sockets(v6, as_printed(AF_INET6, "::ffff:" + host, port), found);
  }
  if (found.empty()) {
    if (!is_v6) add_sockets(v4, as_printed(AF_INET, "0.0.0.0", port), found);
    add_sockets(v6, as_printed(AF_INET6, "::", port), found);
  }
  return found;
}

}  // namespace routerone
