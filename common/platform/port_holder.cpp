#include "common/platform/port_holder.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <vector>

#include "common/core/text.h"
#include "common/platform/descriptor.h"
#include "common/platform/listening_sockets.h"

namespace routerone {
namespace {

namespace fs = std::filesystem;

std::string name_of_user(std::uint32_t uid) {
  const passwd* const user = ::getpwuid(uid);
  return user && user->pw_name ? user->pw_name : std::to_string(uid);
}

/// Has this process (its folder in /proc) one of the sockets open?
bool holds_one(const fs::path& process, const std::vector<std::string>& links) {
  std::error_code error;
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end;
       at.increment(error)) {
    std::error_code gone;
    const std::string target = fs::read_symlink(at->path(), gone).string();
    if (std::find(links.begin(), links.end(), target) != links.end()) return true;
  }
  return false;
}

std::string program_of(const fs::path& process) {
  std::ifstream file(process / "comm");
  std::string name;
  std::getline(file, name);
  return name;
}

/// The first of those that have it: the one that opened it, where others inherited it.
void find_process(const std::vector<ListeningSocket>& sockets, PortHolder& holder) {
  std::vector<std::string> links;
  links.reserve(sockets.size());
  for (const ListeningSocket& socket : sockets)
    links.push_back(fmt::format("socket:[{}]", socket.inode));
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const auto pid = parse_uint(at->path().filename().string());
    if (!pid || (holder.pid && static_cast<int>(*pid) > *holder.pid)) continue;
    if (!holds_one(at->path(), links)) continue;
    holder.pid = static_cast<int>(*pid);
    holder.program = program_of(at->path());
  }
}

}  // namespace

PortHolder find_port_holder(const std::string& host, std::uint16_t port) {
  PortHolder holder;
  const auto sockets = listening_sockets(host, port);
  if (sockets.empty()) return holder;
  holder.user = name_of_user(sockets.front().uid);
  find_process(sockets, holder);
  return holder;
}

std::string describe(const PortHolder& holder) {
  if (holder.pid)
    return fmt::format("{} (pid {}, user {})", printable(holder.program, 40), *holder.pid,
                       printable(holder.user, 40));
  if (!holder.user.empty()) return "a program of user " + printable(holder.user, 40);
  return "another program";
}

PortState look_at_port(const std::string& host, std::uint16_t port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  const std::string address = host == "localhost" ? "127.0.0.1" : host;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return PortState::absent;
  const Descriptor made(::socket(found->ai_family, SOCK_STREAM, 0));
  const int on = 1;
  if (made && found->ai_family == AF_INET6)
    ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (made) ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool ours = made && ::bind(made.get(), found->ai_addr, found->ai_addrlen) == 0 &&
                    ::listen(made.get(), 1) == 0;
  const int error = errno;
  ::freeaddrinfo(found);
  if (ours) return PortState::free;
  // Not ours to open (a low port) is for the daemon to tell of, not a port in use.
  return made && error == EADDRINUSE ? PortState::taken : PortState::absent;
}

}  // namespace routerone
