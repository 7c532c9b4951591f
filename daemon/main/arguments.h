#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "daemon/daemon/daemon.h"

namespace routerone {

struct Arguments {
  DaemonOptions daemon;
  std::string print_and_exit;  ///< For --help and --version.
};

/// The daemon's own few options; `routerone up` starts it with them.
Result<Arguments> parse_arguments(const std::vector<std::string>& words);

}  // namespace routerone
