#include "common/platform/listener_uid.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

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

/// `sl local remote state tx:rx tr:when retrnsmt uid ..`
void add_owners(const char* table, const std::string& local, std::vector<std::uint32_t>& owners) {
  constexpr std::string_view listens = "0A";
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (!local.empty() && std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, here, there, state, queues, timer, retries;
    std::uint32_t uid = 0;
    words >> slot >> here >> there >> state >> queues >> timer >> retries >> uid;
    if (words && here == local && state == listens) owners.push_back(uid);
  }
}

}  // namespace

std::optional<std::uint32_t> listener_uid(const std::string& host, std::uint16_t port,
                                          std::uint32_t ours) {
  constexpr const char *v4 = "/proc/net/tcp", *v6 = "/proc/net/tcp6";
  const bool is_v6 = host.find(':') != host.npos;
  std::vector<std::uint32_t> owners;
  if (is_v6) {
    add_owners(v6, as_printed(AF_INET6, host, port), owners);
  } else {
    add_owners(v4, as_printed(AF_INET, host, port), owners);
    add_owners(v6, as_printed(AF_INET6, "::ffff:" + host, port), owners);
  }
  if (owners.empty()) {
    if (!is_v6) add_owners(v4, as_printed(AF_INET, "0.0.0.0", port), owners);
    add_owners(v6, as_printed(AF_INET6, "::", port), owners);
  }
  if (owners.empty()) return std::nullopt;
  for (const std::uint32_t owner : owners)
    if (owner != ours) return owner;
  return ours;
}

}  // namespace routerone
