#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "common/core/clock.h"
#include "daemon/exchange/trace_row.h"
#include "daemon/store/usage_sums.h"

namespace SQLite {
class Database;
}

namespace routerone::store {

/// Usage by the quarter of an hour (UTC; a row counts in the one its time is in) and by whose and
/// which it was, kept in the transaction that writes the rows. A quarter, because there are time
/// zones that begin their hours at one. Days, once they are over, are summed up again for long
/// ranges, and so are the quarters of all groups together. Sums outlive rows that are pruned.
///
/// Rows that were there before this was kept are added little by little: `usage_progress.filled`
/// tells how far that is; those from there to `usage_progress.old` are in no roll-up yet.
inline constexpr std::int64_t micros_a_quarter = 900'000'000;
inline constexpr std::int64_t quarters_a_day = 96;
std::int64_t quarter_of(WallTime);

/// Beyond which rows stand in no roll-up, and days are not summed up.
struct UsageProgress {
  std::int64_t filled = 0, old = 0;  ///< Sequences.
  std::int64_t folded = 0;           ///< Days before this one, since 1970, are.
  bool covers(std::int64_t sequence) const { return sequence <= filled || sequence > old; }
};
UsageProgress usage_progress(SQLite::Database&);

/// The writer's side. Everything throws SQLite::Exception.
class Rollups {
 public:
  explicit Rollups(SQLite::Database&);
  ~Rollups();

  /// A row that has just been inserted; gathered until write().
  void add(const TraceRow&);
  /// Writes what was gathered: a part of the caller's transaction.
  void write();
  /// After a rollback: what was gathered is gone, and what was learned may never have been.
  void forget();
  /// A row of that sequence, already written, costs something else now. Part of the caller's
  /// transaction.
  void reprice(std::int64_t sequence, const TraceRow& before, Money cost);

  /// One small step, in one transaction: adds up to `most` old rows, or sums up one day before
  /// that of `now`. True if there is more to do.
  bool step(std::size_t most, WallTime now);

 private:
  using Place = std::pair<std::int64_t, std::int64_t>;  // quarter, group
  struct Statements;

  std::int64_t group_of(const TraceRow&);
  UsageSums& sums_at(const TraceRow&);
  void fill(std::size_t most);
  bool fold_day(WallTime now);

  SQLite::Database& db_;
  std::unique_ptr<Statements> statements_;
  UsageProgress progress_;
  std::map<Place, UsageSums> gathered_;
  std::unordered_map<std::string, std::int64_t> groups_;
  std::string name_;  // scratch
};

}  // namespace routerone::store
