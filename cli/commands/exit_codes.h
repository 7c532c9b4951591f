#pragma once

#include <vector>

namespace routerone::cli {

/// How every command may end. `exit_code` (command.h) gives an error its code; this says it in
/// words, for help, the manual and `--map`.
struct ExitCode {
  int code;
  const char* means;
  const char* then;  ///< What its reader can do.
};
const std::vector<ExitCode>& exit_codes();

}  // namespace routerone::cli
