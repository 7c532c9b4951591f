#include "cli/commands/init_agents.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/agents/setup.h"
#include "cli/agents/setup_record.h"
#include "cli/commands/table.h"
#include "cli/commands/views.h"
#include "cli/terminal/prompt.h"
#include "common/platform/child.h"
#include "common/platform/environment.h"

namespace routerone::cli {
namespace {

using Strings = std::vector<std::string>;
enum class Ask { no, yes };

/// Those that are named, else those that are installed here.
Strings tools_to_offer(Call& call) {
  if (call.has("no-setup")) return {};
  if (const auto named = call.list("setup")) return *named;
  const Environment environment = environment_of_process();
  const auto path = environment.find("PATH");
  Strings found;
  for (const std::string& tool : setup_tools())
    if (path != environment.end() && check_executable(tool, path->second)) found.push_back(tool);
  return found;
}

/// As if `routerone setup TOOL` had been typed. With --json its own words go nowhere.
Result<int> run_setup(Call& call, const std::string& tool, Ask ask) {
  const auto& commands = all_commands();
  const auto setup = std::find_if(commands.begin(), commands.end(),
                                  [](const Command& one) { return one.name() == "setup"; });
  if (setup == commands.end()) return fail(ErrorKind::internal, "there is no setup");
  Call::Values values = {{"TOOL", {tool}}};
  if (const auto model = call.text("model")) values["model"] = {*model};
  if (ask == Ask::no) values["yes"] = {""};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> nowhere(std::fopen("/dev/null", "w"),
                                                                std::fclose);
  if (!nowhere) return fail(ErrorKind::internal, "/dev/null cannot be opened");
  Output silent(nowhere.get(), nowhere.get(), {});
  const bool quiet = call.json() || call.out().quiet();
  Call inner({quiet ? silent : call.out(), call.paths(), call.clock(), call.daemon()}, values);
  return setup->run(inner);
}

Json outcome(const std::string& tool, const char* state, const std::string& message = "") {
  return {{"tool", tool},
          {"state", state},
          {"message", message.empty() ? Json(nullptr) : Json(message)}};
}

Json set_up_one(Call& call, const std::string& tool) {
  const auto record = read_record(call.paths().state_dir / "setup" / tool);
  if (record && *record) {
    call.out().note(fmt::format("{} is set up already", tool));
    return outcome(tool, "there");
  }
  const bool said = call.has("setup") || call.has("yes");
  if (!said && (call.json() || call.out().quiet() || !can_ask())) {
    call.out().note(
        fmt::format("{} is here; to point it at routerone: routerone setup {}", tool, tool));
    return outcome(tool, "left_out");
  }
  if (!said) call.out().note(fmt::format("{} is here:", tool));
  const auto done = run_setup(call, tool, said ? Ask::no : Ask::yes);
  if (done) return outcome(tool, "set_up");
  const Error& error = done.error();
  if (!said && error.kind == ErrorKind::conflict) return outcome(tool, "left_out");
  call.out().note(fmt::format("{} was not set up: {}; {}", tool, error.message, error.hint));
  return outcome(tool, "failed", error.message);
}

}  // namespace

Json set_up_agents(Call& call) {
  Json all = Json::array();
  for (const std::string& tool : tools_to_offer(call)) all.push_back(set_up_one(call, tool));
  return all;
}

}  // namespace routerone::cli
