#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"
#include "daemon/exchange/control_data.h"

namespace routerone::control {

/// The auth ids of cli.md.
std::string_view to_word(AuthScheme);
std::optional<AuthScheme> auth_scheme_of(std::string_view word);

/// A name of the user's own making: 1 to 64 of `a-z A-Z 0-9 . _ -`, not beginning with `.` or `-`,
/// so that it needs no quoting in a shell, a filter or a file name; nor with `sk-`, like a key.
Status check_name(std::string_view what, std::string_view name);

/// `did you mean A or B?`, else `otherwise`.
std::string suggestion(std::string_view wanted, const std::vector<std::string>& candidates,
                       std::string otherwise);

}  // namespace routerone::control
