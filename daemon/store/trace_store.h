#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "common/core/result.h"
#include "daemon/exchange/trace_row.h"

namespace routerone::store {

struct StoreOptions {
  std::filesystem::path database;
  std::filesystem::path spend_floor;
  std::filesystem::path intents;  ///< The journal of what is under way. Empty: none is kept.
  int retention_days = 90;
  std::uint64_t retention_bytes = 2ull << 30;
  std::size_t ring = 10'000;       ///< Rows kept in memory while the database cannot take them.
  Millis retention_every{60'000};  ///< Between looks at what is too old or too much.
  /// Told on the writer thread, in words of ours, of a database put aside and, at most once a
  /// minute while it lasts, that rows wait in memory. May be empty.
  std::function<void(const std::string&)> on_trouble;
  /// Told of each row once, on the writer thread, before its commit; must be quick. May be empty.
  std::function<void(const TraceRow&)> on_row;
};

/// How the store is, for status and doctor.
struct StoreHealth {
  bool writable = true;
  std::string trouble;  ///< Why not, in words of ours.
  std::uint64_t rows_written = 0;
  std::uint64_t rows_waiting = 0;      ///< In memory, to be written when it can be.
  std::uint64_t rows_lost = 0;         ///< Fell out of the ring: a counted gap.
  std::uint64_t rows_late = 0;         ///< Committed after their answer's end had to go out.
  std::uint64_t rows_unkept = 0;       ///< Refusals of unknown callers beyond 10 a second: no row.
  std::uint64_t rows_interrupted = 0;  ///< Found at start: the last process died with them.
  std::string quarantined;             ///< File name of a damaged database put aside at start.
};

/// A trace filter of cli.md: `field op value`, already checked and typed by the parser in
/// daemon/trace. Compiled to bound parameters; no text of it ever becomes SQL.
struct Condition {
  enum class Op { equal, not_equal, glob, less, less_equal, greater, greater_equal };
  std::string column;  ///< From the closed list that daemon/trace knows.
  Op op = Op::equal;
  bool is_number = false;
  std::int64_t number = 0;
  std::string text;
};
struct Query {
  std::vector<Condition> where;  ///< Joined by AND.
  std::size_t limit = 50;
  bool oldest_first = false;
  std::int64_t after_sequence = 0;  ///< Only rows committed after this one (cursor of tails).
  std::int64_t before_sequence = INT64_MAX;  ///< Only rows committed before this one.
};

struct StoredTrace {
  std::int64_t sequence = 0;  ///< Grows with each commit; a tail's cursor.
  TraceRow row;
  /// Of its decision: what was too much for a row. Such a one can be shown but not made again.
  std::size_t candidates_left_out = 0, exclusions_left_out = 0;
};

/// Some of the rows that a query means.
struct TracePage {
  std::vector<StoredTrace> traces;
  /// Where to go on: as `before_sequence`, or oldest first `after_sequence`. nullopt: nothing is
  /// left.
  std::optional<std::int64_t> cursor;
  std::optional<WallTime> looked_to;  ///< When the row at the cursor was made, if rows are left.
  bool out_of_time = false;           ///< Why rows are left, if not for the limit.
  std::int64_t rows_read = 0;         ///< How many had to be read for it.
};

/// What of a request is needed to tell where it would have gone under other settings.
struct PastRequest {
  WallTime time{};
  std::string key_id, key_name, project, session, provider, upstream_model;
  FinalState state = FinalState::completed;
  std::optional<Money> cost;
  std::vector<Attempt> attempts;
  std::optional<Decision> decision;
  bool decision_is_whole = true;  ///< No candidate was left out of the row.
};

/// One of the equal parts of a usage's time.
struct UsagePart {
  Money cost;
  std::int64_t requests = 0, tokens = 0;
};

/// One line of `usage`.
struct UsageLine {
  std::vector<std::string> group;  ///< One value a grouping column.
  std::int64_t requests = 0, errors = 0, input_tokens = 0, cache_read_tokens = 0,
               cache_write_tokens = 0, output_tokens = 0, unknown_cost = 0;
  Money cost;
  std::int64_t reasoning_tokens = 0;
  /// Of requests without an error, to within 5 %; nullopt: there was none.
  std::optional<std::chrono::microseconds> latency_p50, latency_p95, ttft_p50, ttft_p95;
  std::vector<UsagePart> parts;  ///< Oldest first; empty if none were asked for.
};

struct UsageQuery {
  /// Of `model key project provider session client day hour`. What stands in no row any more has
  /// no session and no client.
  std::vector<std::string> by;
  std::vector<Condition> where;
  /// East of Greenwich, at that time: whose days and hours. Empty: UTC.
  std::function<std::chrono::seconds(WallTime)> offset;
  int parts = 0;
  Millis patience{2'000};
};
struct UsageAnswer {
  std::vector<UsageLine> lines;  ///< In the order of their groups.
  bool complete = true;          ///< Else what the newest rows came to, as far as time allowed.
  WallTime since{}, until{};     ///< What the parts are parts of.
};

/// What SQLite says of the file.
struct Soundness {
  bool finished = false;  ///< Else time ran out and nothing was found so far.
  bool sound = true;
  std::string detail;  ///< If not, in words of ours.
  int schema = 0, newest_schema = 0;
};

/// Traces, ledger and roll-ups in SQLite (WAL). One thread owns the only connection that writes; it
/// commits what has queued up as one transaction. Queries use read-only connections of their own
/// and never hold up a writer. A damaged file is put aside and a new one begun; a full or failing
/// disk keeps rows in memory. Only a newer schema refuses to open.
class TraceStore {
 public:
  static Result<std::unique_ptr<TraceStore>> open(const StoreOptions&, const Clock&);
  ~TraceStore();  ///< Writes what is queued, then closes.

  /// From any thread; never blocks on the disk. `done` runs once, on the writer thread, after the
  /// commit (true) or once the row is only in memory (false). It must not throw or block.
  void submit(CommitRecord, std::function<void(bool committed)> done);

  Result<std::vector<StoredTrace>> query(const Query&) const;  ///< Any thread.
  /// As far as the patience goes; at least a little. Any thread.
  Result<TracePage> page(const Query&, Millis patience) const;
  Result<std::optional<StoredTrace>> find(const std::string& id) const;  ///< Id or a unique prefix.
  /// From roll-ups where these tell, else from rows: any thread. `unavailable` if even the first
  /// could not be had in time.
  Result<UsageAnswer> usage(const UsageQuery&) const;
  /// The same, by UTC; `unavailable` where it would not be complete.
  Result<std::vector<UsageLine>> usage(const std::vector<std::string>& group_by,
                                       const Query&) const;
  /// Looks through the whole file, for at most so long. Any thread.
  Result<Soundness> check(Millis most) const;
  /// Tells the requests that the query means, the oldest first; its limit and order are not looked
  /// at. Any thread, for seconds; of any number of rows, few are in memory at once.
  Status visit_past(const Query&, const std::function<void(const PastRequest&)>& visit) const;
  /// Blocks up to `wait` until a row after `sequence` is committed; the newest sequence.
  std::int64_t wait_after(std::int64_t sequence, Millis wait) const;
  std::int64_t newest_sequence() const;
  StoreHealth health() const;
  /// Settled spend a scope, rows that wait in memory included.
  std::map<std::string, Money> settled() const;
  /// Spend by the minute since then, of every scope; what waits in memory included. In no order; a
  /// minute may come more than once. Once, at start: waits for the writer, not on a loop. While the
  /// database cannot be read it is what the floor knows: to the day, without requests and tokens.
  Result<std::vector<SpendMinute>> spend_since(WallTime) const;
  /// May spend be trusted to outlive us? The database takes rows, or at least the floor file does.
  bool spend_is_durable() const;

  /// Notes a request before it is sent, so that it is found if we die with it: at the next open it
  /// becomes an `interrupted` row that is charged what was reserved; its cost is unknown if nothing
  /// was. Never waits for the disk. Any thread. Error: the journal is full or cannot be written.
  Result<IntentSlot> begin(const Intent&);
  /// What became known on the way: the target it goes to, what is held for it now, and the
  /// upstream's own id. Before submit() only; slot 0 is nobody's.
  void amend(IntentSlot, const Intent&, std::string_view upstream_request_id);
  /// Interrupted rows made of what the last process left.
  std::uint64_t interrupted() const;

  /// A cost that the provider's own books tell, for a row of ours.
  struct Actual {
    std::string id;  ///< Of the trace, or the upstream's request id.
    Money cost;
  };
  struct Reconciled {
    std::vector<std::pair<TraceRow, Money>> changed;  ///< The row as it was, and its cost now.
    std::vector<std::string> unknown;                 ///< Ids that no row has.
    std::int64_t equal = 0;                           ///< Rows that were right already.
    std::int64_t certain = 0;  ///< Rows with another cost, but not doubtful: left as they are.
  };
  /// Puts costs right: row, ledger and spend minutes in one transaction. Waits for the writer; not
  /// on a loop. `only_doubtful`: just interrupted and estimated rows are changed. Of two for one id
  /// the last counts. `invalid` if a cost cannot be one; `unavailable` while the database takes no
  /// rows.
  Result<Reconciled> reconcile(const std::vector<Actual>&, bool only_doubtful);

  /// Rows from before that time, that prune() would delete.
  Result<std::int64_t> count_before(WallTime) const;
  struct Pruned {
    std::int64_t rows = 0;
    bool complete = true;  ///< Else the patience was over before the last of them.
  };
  /// Deletes rows from before that time, a few at a time; their sums stay. Waits for the writer;
  /// not on a loop. `unavailable` while the database takes no rows.
  Result<Pruned> prune(WallTime before, Millis patience);

  struct BackedUp {
    std::uint64_t bytes = 0;
    std::int64_t rows = 0;
  };
  /// Copies the database as it is at one moment to a new file (0600), while rows go on being
  /// written; waits until it is done. No half file is left. `conflict`: there is such a file, or
  /// another copy is being made; `unavailable`: it cannot be written there, or the database not be
  /// read.
  Result<BackedUp> back_up(const std::filesystem::path& file);
  /// Ends a copy that is being made, `unavailable` to who waits for it, and makes no other: whoever
  /// stops the daemon does not wait for gigabytes.
  void stop_backing_up();

  /// Takes effect at the next look; for when the settings change.
  void set_retention(int days, std::uint64_t bytes);
  void count_late();
  /// May one more row be kept that nobody with a key asked for? At most 10 a second; the others are
  /// counted in StoreHealth::rows_unkept. Any thread.
  bool admit_unasked(SteadyTime now);

  TraceStore(const TraceStore&) = delete;
  TraceStore& operator=(const TraceStore&) = delete;

 private:
  TraceStore();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::store
