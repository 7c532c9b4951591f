#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cli/commands/command.h"

namespace routerone::cli {

/// A place in the daemon's log.
using LogPosition = std::uintmax_t;

/// Where the file ends now; 0 if there is none.
LogPosition end_of(const std::filesystem::path& log);
/// What a program that died at once said last, with its `hint:` line if that came after; an empty
/// message if it said nothing.
Error last_words_since(const std::filesystem::path& log, LogPosition since);

/// `logs`: prints the last lines that are wanted, then, with --follow, what comes, until Ctrl-C.
Result<int> print_log(Call&, const std::filesystem::path& log);

}  // namespace routerone::cli
