#include "cli/commands/table.h"

namespace routerone::cli {
namespace {

/// In the order help lists them; what stands under one heading stands together.
struct Part {
  const char* task;
  std::vector<Command> (*commands)();
};

constexpr Part parts[] = {
    {"start and stop", init_commands},
    {"start and stop", daemon_commands},
    {"start and stop", doctor_commands},
    {"send programs through it", launch_commands},
    {"send programs through it", setup_commands},
    {"keys and limits", key_commands},
    {"keys and limits", budget_commands},
    {"keys and limits", project_commands},
    {"providers and models", provider_commands},
    {"providers and models", model_commands},
    {"providers and models", route_commands},
    {"see what happened", trace_commands},
    {"see what happened", repl_commands},
    {"see what happened", usage_commands},
    {"see what happened", why_commands},
    {"see what happened", whatif_commands},
    {"about this program", config_commands},
    {"about this program", completion_commands},
    {"about this program", manual_commands},
};

}  // namespace

const std::vector<Command>& all_commands() {
  static const std::vector<Command> table = [] {
    std::vector<Command> all;
    for (const Part& part : parts)
      for (Command& command : part.commands()) {
        command.task = part.task;
        all.push_back(std::move(command));
      }
    return all;
  }();
  return table;
}

}  // namespace routerone::cli
