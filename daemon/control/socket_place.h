#pragma once

#include <filesystem>

#include "common/core/result.h"

namespace routerone::control {

/// Makes room for a socket: what a dead daemon of ours left may go; anything else in its place is
/// somebody's, and a path that no socket can have is told from one that is taken.
Status clear_place(const std::filesystem::path& socket);

}  // namespace routerone::control
