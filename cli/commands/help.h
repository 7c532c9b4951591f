#pragma once

#include <string>

#include "cli/commands/command.h"

namespace routerone::cli {

/// `usage: routerone keys create NAME [--models GLOB,..]`, the summary and its options.
std::string help_of(const Command&);
/// The commands of one noun.
std::string help_of_noun(const std::string& noun);
/// All commands, a line each.
std::string help_of_all();

}  // namespace routerone::cli
