#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/trace_row.h"
#include "daemon/store/problem.h"
#include "daemon/store/reconcile.h"
#include "daemon/store/totals.h"

namespace routerone::store {

template <class T>
using Outcome = tl::expected<T, Problem>;

/// Spend that belongs to no row, written with the reason why.
struct Correction {
  std::string scope;
  Money amount;
  std::string reason;
  WallTime time{};  ///< When it was settled, as far as that is known.
};

/// The one connection that writes and checkpoints. One thread at a time; closing it, as the last
/// one open, folds the log into the database.
class WriteConnection {
 public:
  /// Makes the file (0600) and its schema if there is none. Does not look for damage that only
  /// reading everything would show.
  static Outcome<std::unique_ptr<WriteConnection>> open(const std::filesystem::path&);
  ~WriteConnection();

  /// All of them or none. Rows get the sequences after newest_sequence() in their order; a row
  /// whose id is already there changes nothing.
  Outcome<void> commit(std::span<const CommitRecord* const> rows,
                       const std::vector<Correction>& corrections);

  /// Puts costs right, all or none. `before_commit` is told the ledger's new totals.
  Outcome<Repriced> reprice(const std::vector<Repricing>&, bool only_doubtful,
                            const std::function<void(const Repriced&)>& before_commit);

  /// One small step of what is made of the rows apart from their commit: roll-ups of rows that are
  /// older than they, days that are over, what rows are looked up by. True if there is more to do.
  Outcome<bool> digest(WallTime now);

  /// A copy in a new file, some pages a step; true once it is whole. One at a time; it dies with
  /// the connection.
  Outcome<void> begin_backup(const std::filesystem::path& file);
  Outcome<bool> backup_step(int pages);

  /// Deletes up to `most` of the oldest rows that are from before `cutoff`; how many it was.
  Outcome<std::size_t> prune(WallTime cutoff, std::size_t most);
  /// Adds up to `most` rows to the spend minutes. True if there are more.
  Outcome<bool> sum_minutes(std::size_t most);
  /// Rows that are not summed yet, about.
  std::int64_t unsummed() const;
  Outcome<void> prune_minutes(WallTime cutoff);
  Outcome<std::vector<SpendMinute>> spend_since(WallTime);
  /// Bytes in use, free pages not counted.
  Outcome<std::uint64_t> bytes_used();
  /// Gives up to `pages` free pages back to the file system.
  Outcome<void> shrink(int pages);

  /// Pages in the log since it was last begun anew.
  int log_pages() const;
  /// Copies what it can of the log without waiting for anybody.
  void checkpoint();

  const Totals& ledger() const;
  /// New totals of the scopes that the last commit changed.
  const Totals& last_changes() const;
  std::int64_t newest_sequence() const;

 private:
  WriteConnection();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::store
