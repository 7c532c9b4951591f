#pragma once

#include <string>

#include "cli/terminal/shown.h"
#include "common/core/result.h"
#include "common/core/secret.h"

namespace routerone::cli {

/// Is a person there to be asked? Both stdin and stderr are terminals, and not an agent's.
bool can_ask();

/// On stderr; what is typed stands behind it.
void show_prompt(const Shown&);

/// `question [y/N] `; anything but y or yes is no. Only where can_ask().
bool confirm(const std::string& question);

/// Reads one line from the terminal without showing it, whatever stdin is. The terminal is put back
/// on every way out, Ctrl-C included. invalid: there is no terminal.
Result<Secret> ask_hidden(const std::string& question);

}  // namespace routerone::cli
