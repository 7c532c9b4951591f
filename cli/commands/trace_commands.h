#pragma once

#include "cli/commands/command.h"

namespace routerone::cli {

// What the rows of `traces` run, where it has a file of its own.
Result<int> tail_traces(Call&);
Result<int> export_traces(Call&);
Result<int> prune_traces(Call&);
Result<int> back_up_traces(Call&);

// And what `statusline` runs, which stands with `usage`.
Result<int> statusline(Call&);

}  // namespace routerone::cli
