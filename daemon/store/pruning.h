#pragma once

#include <cstddef>

#include "common/core/clock.h"

namespace SQLite {
class Database;
}

namespace routerone::store {

/// One small step of retention, in one transaction: up to `most` of the oldest rows from before
/// `cutoff` are deleted; how many. Their sums stay in the roll-ups; a row that these or the spend
/// minutes do not know yet stays too. Throws SQLite::Exception; the transaction has been rolled
/// back then.
std::size_t prune_step(SQLite::Database&, WallTime cutoff, std::size_t most);

}  // namespace routerone::store
