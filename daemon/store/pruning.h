#pragma once

#include <cstddef>

#include "common/core/clock.h"

namespace SQLite {
class Database;
}

namespace routerone::store {

/// One small step of retention, in one transaction: up to `most` of the oldest rows from before
/// `cutoff` are added to their day's roll-up and deleted; how many. A row that the spend minutes do
/// not know yet stays. Throws SQLite::Exception; the transaction has been rolled back then.
std::size_t prune_step(SQLite::Database&, WallTime cutoff, std::size_t most);

}  // namespace routerone::store
