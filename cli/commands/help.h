#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"

namespace routerone::cli {

// Help is for a person at 80 columns: what can be typed stands first. Manual pages and `--map` say
// the same from the same rows.

constexpr std::size_t help_width = 80;

/// `keys create NAME [OPTION..]`
std::string usage_of(const Command&);
/// `-n, --lines N`
std::string shown(const Option&);
/// What an argument stands for, in words.
std::string words_of(const Argument&);
/// The other commands of its noun, or, where it has none, of its task.
std::vector<const Command*> related(const Command&);

/// Examples, usage, arguments, options by group, what follows it.
std::string help_of(const Command&);
/// The commands of one noun.
std::string help_of_noun(const std::string& noun);
/// The common commands, by task. At most 24 lines.
std::string help_of_common();
/// All commands, by task.
std::string help_of_all();

}  // namespace routerone::cli
