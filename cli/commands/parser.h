#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"

namespace routerone::cli {

/// What the words on a command line come to: a command and its values, or help to print.
struct Parsed {
  const Command* command = nullptr;  ///< Null: `help` is all there is to do.
  Call::Values values;
  std::string help;
};

/// Reads a command line (without the program's name) by the table. invalid: says which word is
/// wrong, and hints at the nearest right one or at the command's help.
Result<Parsed> parse(std::vector<std::string> words);

}  // namespace routerone::cli
