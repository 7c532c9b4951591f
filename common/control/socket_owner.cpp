#include "common/control/socket_owner.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace routerone::control {

tl::unexpected<Error> daemon_not_running() {
  return fail(ErrorKind::not_running, "the daemon is not running", "routerone up");
}

Status check_socket_owner(const std::filesystem::path& socket) {
  struct stat info {};
  if (::lstat(socket.c_str(), &info) != 0) {
    if (errno != EACCES) return daemon_not_running();
    return fail(ErrorKind::unauthorized, "the control socket " + socket.string() + " is not yours");
  }
  if (!S_ISSOCK(info.st_mode) || info.st_uid != ::geteuid())
    return fail(ErrorKind::unauthorized,
                socket.string() + " is there, but is not a socket of yours",
                "remove it or set XDG_RUNTIME_DIR to a folder of your own");
  return {};
}

}  // namespace routerone::control
