#include "cli/commands/table.h"

namespace routerone::cli {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> table = [] {
    std::vector<Command> all;
    for (auto part :
         {daemon_commands, launch_commands, key_commands, project_commands, budget_commands,
          provider_commands, model_commands, route_commands, trace_commands, why_commands,
          whatif_commands, usage_commands, setup_commands}) {
      for (Command& command : part()) all.push_back(std::move(command));
    }
    return all;
  }();
  return table;
}

}  // namespace routerone::cli
