#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/commands/doctor_findings.h"

namespace routerone::cli {

// What `doctor --fix` does by itself: nothing is lost by any of it, and doing it twice does no more
// than once. Each says what it did.

/// Takes everybody else's rights away; only of what is ours, and never through a link.
Result<std::string> make_private(const std::vector<FileFacts>&);

/// Removes the control socket of a daemon that is gone. conflict: one holds the state folder.
Result<std::string> remove_stale_socket(const Paths&);

/// Removes the folders of runs that have ended.
Result<std::string> remove_scratch(const std::vector<FileFacts>&);

}  // namespace routerone::cli
