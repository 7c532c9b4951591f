#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/core/secret.h"

namespace routerone::cli {

/// Runs a program (found on PATH) with our stdin and stderr and returns its stdout, at most 64 KiB.
/// Error if it cannot be started or does not end well; never with its output.
Result<Secret> command_output(const std::vector<std::string>& words);

}  // namespace routerone::cli
