#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"

namespace routerone {

/// What a program left behind.
struct Captured {
  int code = 0;        ///< Its exit code, or 128 and the signal's number.
  std::string output;  ///< stdout and stderr as they came, at most 64 KiB.
};

/// Runs a program of PATH to its end, without input; no shell is involved. not_found: there is
/// none.
Result<Captured> run_captured(const std::vector<std::string>& words);

}  // namespace routerone
