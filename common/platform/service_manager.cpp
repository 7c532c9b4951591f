#include "common/platform/service_manager.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "common/core/text.h"

namespace routerone {
namespace {

constexpr std::uint64_t most_sockets = 16;

std::string variable(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

/// Not said is for everybody.
bool is_for(const Environment& environment, const char* name, int pid) {
  const std::string said = variable(environment, name);
  return said.empty() || said == std::to_string(pid);
}

bool listens_on_tcp(int fd) {
  int listens = 0, type = 0;
  socklen_t size = sizeof listens;
  sockaddr_storage at{};
  socklen_t at_size = sizeof at;
  return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens == 1 &&
         ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
         ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &at_size) == 0 &&
         (at.ss_family == AF_INET || at.ss_family == AF_INET6);
}

}  // namespace

ServiceManager ServiceManager::of(const Environment& environment, int pid) {
  ServiceManager manager;
  manager.notify_socket = variable(environment, "NOTIFY_SOCKET");
  manager.started_us = variable(environment, "SYSTEMD_EXEC_PID") == std::to_string(pid);
  const auto micros = parse_uint(variable(environment, "WATCHDOG_USEC"));
  if (micros && *micros >= 1'000 && is_for(environment, "WATCHDOG_PID", pid))
    manager.watchdog = Millis(std::min<std::uint64_t>(*micros / 1'000, 86'400'000));
  const auto sockets = parse_uint(variable(environment, "LISTEN_FDS"));
  if (sockets && variable(environment, "LISTEN_PID") == std::to_string(pid))
    manager.sockets = static_cast<int>(std::min(*sockets, most_sockets));
  return manager;
}

ServiceNotifier::ServiceNotifier(std::string socket) : path_(std::move(socket)) {
  const bool usable = path_.size() > 1 && (path_.front() == '/' || path_.front() == '@') &&
                      path_.size() < sizeof(sockaddr_un::sun_path);
  if (!usable) return;
  socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM, 0));
  if (socket_) ::fcntl(socket_.get(), F_SETFD, FD_CLOEXEC);
}

void ServiceNotifier::ready(std::string_view status) const {
  send(fmt::format("READY=1\nSTATUS={}", printable(status, 200)));
}
void ServiceNotifier::stopping(std::string_view status) const {
  send(fmt::format("STOPPING=1\nSTATUS={}", printable(status, 200)));
}
void ServiceNotifier::alive() const { send("WATCHDOG=1"); }

void ServiceNotifier::send(const std::string& lines) const {
  if (!socket_) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path_.data(), path_.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';  // a name in no file system, without an end
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  (void)::sendto(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&to), size);
}

Result<std::vector<Descriptor>> passed_sockets(int count, int first) {
  std::vector<Descriptor> sockets;
  for (int fd = first; fd < first + count; ++fd) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || !listens_on_tcp(fd))
      return fail(
          ErrorKind::invalid,
          fmt::format("descriptor {} of the service manager is no TCP socket that listens", fd),
          "look at the ListenStream= lines of routeroned.socket");
    sockets.emplace_back(fd);
  }
  return sockets;
}

}  // namespace routerone
