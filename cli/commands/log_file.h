#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cli/commands/command.h"

namespace routerone::cli {

/// A place in the daemon's log.
using LogPosition = std::uintmax_t;

/// Where the file ends now; 0 if there is none.
LogPosition end_of(const std::filesystem::path& log);
/// The last line written since; empty if there is none.
std::string last_line_since(const std::filesystem::path& log, LogPosition since);

/// Prints the last `lines`, then, if `follow`, what comes, until Ctrl-C.
Result<int> print_log(Call&, const std::filesystem::path& log, int lines, bool follow);

}  // namespace routerone::cli
