#pragma once

#include <span>
#include <tl/expected.hpp>

#include "daemon/store/problem.h"

namespace SQLite {
class Database;
}

namespace routerone::store {

/// `PRAGMA user_version` of the databases this program writes.
inline constexpr int schema_version = 4;

/// The version a database has; 0 for an empty one. Writes nothing. Problem `newer` for a database
/// of a later routerone, `damaged` for one that is not ours.
tl::expected<int, Problem> version_of(SQLite::Database&);

/// The text of migration n brings version n to n + 1.
std::span<const char* const> migration_texts();

/// Brings it from that version up to schema_version in one transaction, so that a kill in the
/// middle leaves the old version.
tl::expected<void, Problem> migrate(SQLite::Database&, int from);

}  // namespace routerone::store
