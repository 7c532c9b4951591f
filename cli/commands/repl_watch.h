#pragma once

#include <functional>
#include <string>

#include "common/core/clock.h"
#include "common/core/result.h"

namespace routerone::cli {

/// Runs `command` every so often in a process of its own and shows what it prints on the whole
/// terminal, until a key is pressed; the screen is then as it was. 0, or 128 and the number of the
/// signal that ended it. `title`: what stands above.
Result<int> watch_command(const Clock&, Millis every, const std::string& title,
                          const std::function<int()>& command);

}  // namespace routerone::cli
