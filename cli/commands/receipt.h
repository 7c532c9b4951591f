#pragma once

#include <string>

#include "cli/commands/command.h"

namespace routerone::cli {

/// What a run came to, in lines for a person, on stderr.
void print_receipt(Output&, const Json& receipt);

}  // namespace routerone::cli
