#pragma once

#include "cli/commands/command.h"

namespace routerone::cli {

/// `routes explain`: where a request would go now, and why.
Command explain_command();

}  // namespace routerone::cli
