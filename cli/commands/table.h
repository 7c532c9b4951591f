#pragma once

#include <vector>

#include "cli/commands/command.h"

namespace routerone::cli {

// One file a noun, each with its part of the table.
std::vector<Command> init_commands();
std::vector<Command> daemon_commands();
std::vector<Command> key_commands();
std::vector<Command> launch_commands();
std::vector<Command> project_commands();
std::vector<Command> budget_commands();
std::vector<Command> provider_commands();
std::vector<Command> model_commands();
std::vector<Command> route_commands();
std::vector<Command> trace_commands();
std::vector<Command> why_commands();
std::vector<Command> whatif_commands();
std::vector<Command> usage_commands();
std::vector<Command> config_commands();
std::vector<Command> completion_commands();
std::vector<Command> repl_commands();
std::vector<Command> setup_commands();
std::vector<Command> doctor_commands();
std::vector<Command> manual_commands();

/// Every command there is, in the order help lists them.
const std::vector<Command>& all_commands();

}  // namespace routerone::cli
