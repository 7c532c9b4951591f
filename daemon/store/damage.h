#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/core/clock.h"
#include "common/core/result.h"

namespace routerone::store {

/// Looks at a database file without SQLite: what is wrong with it in a way that 100 bytes tell
/// (empty, not a database, cut short); nullopt if nothing is, or if there is no file.
std::optional<std::string> obvious_damage(const std::filesystem::path& database);

/// A write-ahead log stands beside it: the last daemon did not get to close it.
bool closed_badly(const std::filesystem::path& database);

/// Renames the database and its companions to NAME.damaged-TIME; the new file name. The log goes
/// first: left behind, SQLite would play it into the next database of that name.
Result<std::string> put_aside(const std::filesystem::path& database, WallTime now);

}  // namespace routerone::store
