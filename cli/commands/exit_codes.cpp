#include "cli/commands/exit_codes.h"

namespace routerone::cli {

const std::vector<ExitCode>& exit_codes() {
  static const std::vector<ExitCode> codes = {
      {0, "done", ""},
      {1, "failed, or declined when asked", "the error says what and why"},
      {2, "the command line or a value in it is wrong", "the hint names the right word"},
      {3, "the daemon is not running", "routerone up"},
      {4, "not authorised", "the key or the file's owner is not the right one"},
      {5, "what was named is not there", "the hint has the nearest name"},
      {6, "a limit or a budget is reached", "routerone budgets show"},
      {7, "a provider failed", "routerone providers test ID"},
      {75, "not possible just now", "try again later"},
  };
  return codes;
}

}  // namespace routerone::cli
