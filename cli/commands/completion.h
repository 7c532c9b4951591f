#pragma once

#include <optional>
#include <string_view>

namespace routerone::cli {

/// What a shell reads to complete our lines: the file of completions/, built into the program.
/// nullopt: not for a shell of that name (`bash`, `zsh`, `fish`).
std::optional<std::string_view> completion_script(std::string_view shell);

}  // namespace routerone::cli
