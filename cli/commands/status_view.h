#pragma once

#include "cli/commands/command.h"

namespace routerone::cli {

/// What `routerone status` shows of the daemon's answer, warnings included.
void print_status(Call&, const Json& status);

/// `systemd user unit`, `process of its own`.
std::string manager_words(const Json& status);

}  // namespace routerone::cli
