#pragma once

#include "cli/commands/command.h"

namespace routerone::cli {

/// Sets up the agents found on PATH that are wanted (named by --setup, --yes, or a person says so
/// after seeing the difference); none with --no-setup. One object each: `tool`, `state` (`set_up`,
/// `there`, `failed`, `left_out`), `message`.
Json set_up_agents(Call&);

}  // namespace routerone::cli
