#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/ledger.h"
#include "daemon/exchange/trace_row.h"

namespace SQLite {
class Database;
}

namespace routerone::store {

/// When a row was settled: the minute in which its answer ended.
std::int64_t minute_of(WallTime);
std::int64_t settled_minute(const TraceRow&);
WallTime start_of(std::int64_t minute);

/// Did it come to a provider? Only then it counts as a request.
bool was_sent(const TraceRow&);
/// Input and output of all classes.
std::int64_t tokens_of(const Usage&);

/// The scopes that a row's cost counts in: none without a key.
std::vector<std::string> scopes_of(const TraceRow&);

/// Spend by the minute is derived from the rows, later and apart from their commit, so that a
/// request pays nothing for it. All of these throw SQLite::Exception.

/// One small step, in one transaction: up to `most` rows that were not summed yet are added to
/// their minutes; the sequence up to which all are summed now.
std::int64_t sum_minutes_step(SQLite::Database&, std::size_t most);
std::int64_t summed_up_to(SQLite::Database&);

/// What the database knows from that time's minute on: minutes, rows not summed yet, corrections.
/// In no order; a minute may come more than once.
std::vector<SpendMinute> read_spend(SQLite::Database&, WallTime since);

/// Deletes the oldest minutes from before `cutoff`, a few: no more than a working clock makes
/// between two calls, so that one which has jumped ahead cannot wipe what windows still need.
void prune_minutes_step(SQLite::Database&, WallTime cutoff);

/// A row's cost changed by that much after its minute had been summed. Part of the caller's
/// transaction.
void correct_minute(SQLite::Database&, const std::string& scope, std::int64_t minute, Money by);

}  // namespace routerone::store
