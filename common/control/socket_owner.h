#pragma once

#include <filesystem>

#include "common/core/result.h"

namespace routerone::control {

/// not_running, with the command that mends it.
tl::unexpected<Error> daemon_not_running();

/// Whoever owns a socket of the daemon's hears secrets: it must be us. not_running: nothing is
/// there; unauthorized: it is another's.
Status check_socket_owner(const std::filesystem::path& socket);

}  // namespace routerone::control
