#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace routerone::cli {

/// The words of a line as it is typed in the REPL, without a `routerone` in front of them, which
/// comes along with what is pasted. None: a blank line or a comment. invalid: a quote is open.
Result<std::vector<std::string>> read_repl_line(std::string_view line);

/// May this line be kept in a file? Not if it has a secret in it, or something that looks like one,
/// or if it begins with a space, as in a shell.
bool may_be_remembered(std::string_view line);

}  // namespace routerone::cli
