#pragma once

#include <string>

#include "cli/commands/command.h"
#include "common/json/json.h"

namespace routerone::cli {

// The table as data, for programs: what `--map --json`, `help --json`, the manual and the tests
// read. Fields are added, never renamed or dropped.

/// All there is of one command.
Json map_of(const Command&);
/// Of the whole program: its commands, common options and exit codes.
Json map_of_all();

/// One line a command, with all that can be said to it: to be looked through with grep.
std::string outline();

/// `key`, and how it is told: `one`, `array`, `one or array`, `lines`; of a command's `prints`.
struct Printed {
  std::string shape;
  const char* how;
};
Printed printed(const Command&);

}  // namespace routerone::cli
