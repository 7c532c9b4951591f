#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/store/readers.h"
#include "daemon/store/rollups.h"
#include "daemon/store/spend_days.h"
#include "daemon/store/trace_store.h"

namespace routerone::store {

/// A row, and the cost it is to have.
struct Repricing {
  std::int64_t sequence = 0;
  std::string id;  ///< Of the trace.
  Money cost;
};

/// What is asked for, matched with the rows there are. `invalid` for a cost that cannot be.
struct Matched {
  std::vector<Repricing> rows;
  std::vector<std::string> unknown;
};
/// On the caller's thread: looking for upstream's ids may have to read everything.
Result<Matched> match_rows(const Readers&, const std::vector<TraceStore::Actual>&);

/// A change of what a scope settled in a minute.
using Shifts = std::vector<SpendMinute>;

/// Writes costs and their minutes, as a part of the caller's transaction, which is also to write
/// the roll-ups and to change the ledger by `shifts`. Throws SQLite::Exception.
struct Repriced {
  TraceStore::Reconciled outcome;
  Shifts shifts;
};
Repriced reprice_rows(SQLite::Database&, Rollups&, const std::vector<Repricing>&,
                      bool only_doubtful);

}  // namespace routerone::store
