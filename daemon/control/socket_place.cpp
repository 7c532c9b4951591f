#include "daemon/control/socket_place.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace routerone::control {

Status clear_place(const std::filesystem::path& socket) {
  if (socket.string().size() >= sizeof(sockaddr_un::sun_path))
    return fail(ErrorKind::invalid, "the control socket's path is too long: " + socket.string(),
                "set XDG_RUNTIME_DIR to a shorter path");
  struct stat info {};
  if (::lstat(socket.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode) || info.st_uid != ::geteuid())
    return fail(ErrorKind::conflict,
                socket.string() + " is in the way and is not a socket of yours", "remove it");
  if (::unlink(socket.c_str()) == 0) return {};
  return fail(ErrorKind::internal,
              fmt::format("cannot replace {}: {}", socket.string(), std::strerror(errno)));
}

}  // namespace routerone::control
