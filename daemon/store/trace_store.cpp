#include "daemon/store/trace_store.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>

#include "common/core/text.h"
#include "daemon/store/conditions.h"
#include "daemon/store/past.h"
#include "daemon/store/readers.h"
#include "daemon/store/reconcile.h"
#include "daemon/store/row.h"
#include "daemon/store/schema.h"
#include "daemon/store/state.h"
#include "daemon/store/usage.h"
#include "daemon/store/walk.h"
#include "daemon/store/writer.h"

namespace routerone::store {
namespace {

constexpr Millis longest_query{250};  // threat S6 of the fault matrix
constexpr Millis grace{2'000};        // beyond a page's patience, before it is broken off
constexpr Millis longest_count{10'000};
constexpr std::size_t most_rows = 10'000;
constexpr std::size_t shortest_prefix = 4;

std::vector<StoredTrace> read_rows(SQLite::Statement& statement) {
  std::vector<StoredTrace> rows;
  while (statement.executeStep()) rows.push_back(read_row(statement));
  return rows;
}

/// Of a copy, which nobody else writes; 0 if it cannot be read.
std::int64_t count_rows_of(const std::filesystem::path& file) try {
  SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
  SQLite::Statement query(db, "SELECT count(*) FROM traces");
  return query.executeStep() ? query.getColumn(0).getInt64() : 0;
} catch (const SQLite::Exception&) {
  return 0;
}

Result<TracePage> read_page(SQLite::Database& db, const Query& query, std::size_t limit,
                            const std::function<bool()>& is_over) {
  SQLite::Statement row(db, std::string(select_row_sql) + "WHERE sequence = ?1");
  TracePage page;
  TRY(const auto end, walk(db, query, "", is_over, [&](SQLite::Statement& found) {
        if (page.traces.size() == limit) return false;  // there is one more: that is all to know
        row.bind(1, found.getColumn(0).getInt64());
        if (row.executeStep()) page.traces.push_back(read_row(row));
        row.reset();
        return true;
      }));
  page.cursor = end.cursor;
  page.out_of_time = end.out_of_time;
  page.rows_read = end.rows_read;
  if (!end.cursor) return page;
  SQLite::Statement time(db, "SELECT time FROM traces WHERE sequence = ?1");
  time.bind(1, *end.cursor);
  if (time.executeStep()) page.looked_to = wall_from_micros(time.getColumn(0).getInt64());
  return page;
}

}  // namespace

struct TraceStore::Impl {
  Impl(const StoreOptions& options, const Clock& given)
      : keeps_intents(!options.intents.empty()),
        clock(given),
        readers(options.database, given,
                [this](std::uint64_t generation) { writer.suspect(generation); }),
        writer(options, given, state, readers) {
    state.retention_days = options.retention_days;
    state.retention_bytes = options.retention_bytes;
  }
  const bool keeps_intents;
  const Clock& clock;
  State state;
  Readers readers;
  Writer writer;  // last: its thread uses the others
};

TraceStore::TraceStore() = default;
TraceStore::~TraceStore() = default;

Result<std::unique_ptr<TraceStore>> TraceStore::open(const StoreOptions& options,
                                                     const Clock& clock) {
  std::unique_ptr<TraceStore> store(new TraceStore);
  store->impl_ = std::make_unique<Impl>(options, clock);
  TRY_STATUS(store->impl_->writer.start());
  return store;
}

void TraceStore::submit(CommitRecord record, std::function<void(bool)> done) {
  impl_->writer.submit({std::move(record), std::move(done)});
}

Result<std::vector<StoredTrace>> TraceStore::query(const Query& query) const {
  TRY(auto found, page(query, longest_query));
  if (found.out_of_time)
    return fail(ErrorKind::unavailable, "the query took too long",
                "narrow it, for example with since=2h");
  return std::move(found.traces);
}

Result<TracePage> TraceStore::page(const Query& query, Millis patience) const {
  TRY_STATUS(compile(query.where, Table::traces));
  const Clock& clock = impl_->clock;
  const auto until = clock.steady() + patience;
  const auto limit = std::min(query.limit, most_rows);
  Result<TracePage> out;
  TRY_STATUS(impl_->readers.with(patience + grace, [&](SQLite::Database& db) {
    const SQLite::Transaction one_moment(db);
    out = read_page(db, query, limit, [&] { return clock.steady() > until; });
  }));
  return out;
}

Result<std::optional<StoredTrace>> TraceStore::find(const std::string& id) const {
  const std::string wanted = lower(id);
  if (wanted.size() < shortest_prefix)
    return fail(ErrorKind::invalid, "at least 4 characters of a trace's id are needed",
                "routerone traces list");
  std::vector<StoredTrace> rows;
  TRY_STATUS(impl_->readers.with(longest_query, [&](SQLite::Database& db) {
    SQLite::Statement statement(
        db, std::string(select_row_sql) + "WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 2");
    statement.bind(1, wanted);
    statement.bind(2, wanted + "~");  // behind every character an id has
    rows = read_rows(statement);
  }));
  if (rows.empty()) return std::optional<StoredTrace>();
  if (rows.size() > 1 && rows.front().row.id != wanted)
    return fail(ErrorKind::conflict, "several traces' ids begin with \"" + printable(id, 40) + "\"",
                "give more of the id");
  return std::optional(std::move(rows.front()));
}

Result<UsageAnswer> TraceStore::usage(const UsageQuery& query) const {
  return sum_usage(impl_->readers, impl_->clock, query);
}

Result<std::vector<UsageLine>> TraceStore::usage(const std::vector<std::string>& group_by,
                                                 const Query& query) const {
  UsageQuery all;
  all.by = group_by;
  all.where = query.where;
  TRY(auto answer, usage(all));
  if (!answer.complete)
    return fail(ErrorKind::unavailable, "the query took too long",
                "narrow it, for example with since=2h");
  return std::move(answer.lines);
}

Result<Soundness> TraceStore::check(Millis most) const {
  Soundness found;
  found.newest_schema = schema_version;
  const auto looked = impl_->readers.with(most, [&](SQLite::Database& db) {
    SQLite::Statement version(db, "PRAGMA user_version");
    if (version.executeStep()) found.schema = version.getColumn(0).getInt();
    SQLite::Statement check(db, "PRAGMA quick_check(1)");
    found.sound = check.executeStep() && check.getColumn(0).getString() == "ok";
    found.finished = true;
  });
  if (!looked && found.schema == 0) return tl::unexpected(looked.error());
  if (!found.sound) found.detail = "pages of the database contradict each other";
  return found;
}

Result<std::int64_t> TraceStore::count_before(WallTime before) const {
  std::int64_t count = 0;
  TRY_STATUS(impl_->readers.with(longest_count, [&](SQLite::Database& db) {
    SQLite::Statement query(db, "SELECT count(*) FROM traces WHERE time < ?1");
    query.bind(1, micros_since_epoch(before));
    if (query.executeStep()) count = query.getColumn(0).getInt64();
  }));
  return count;
}

Result<TraceStore::Pruned> TraceStore::prune(WallTime before, Millis patience) {
  impl_->writer.catch_up();
  const auto until = impl_->clock.steady() + patience;
  Pruned pruned;
  for (bool is_more = true; is_more;) {
    TRY(const auto step, impl_->writer.prune(before));
    pruned.rows += static_cast<std::int64_t>(step.deleted);
    is_more = step.is_more;
    if (is_more && impl_->clock.steady() > until) {
      pruned.complete = false;
      break;
    }
  }
  return pruned;
}

Result<TraceStore::BackedUp> TraceStore::back_up(const std::filesystem::path& file) {
  std::error_code error;
  if (!file.is_absolute()) return fail(ErrorKind::invalid, "the file's path has to be absolute");
  if (std::filesystem::symlink_status(file, error).type() != std::filesystem::file_type::not_found)
    return fail(ErrorKind::conflict, printable(file.string(), 200) + " is there already",
                "give the name of a file that is not");
  TRY_STATUS(impl_->writer.back_up(file));
  BackedUp done;
  done.bytes = std::filesystem::file_size(file, error);
  done.rows = count_rows_of(file);
  return done;
}

void TraceStore::stop_backing_up() { impl_->writer.stop_copying(); }

Status TraceStore::visit_past(const Query& query,
                              const std::function<void(const PastRequest&)>& visit) const {
  return store::visit_past(impl_->readers, query, visit);
}

std::int64_t TraceStore::wait_after(std::int64_t sequence, Millis wait) const {
  return impl_->state.wait_after(sequence, wait);
}
std::int64_t TraceStore::newest_sequence() const { return impl_->state.newest(); }
StoreHealth TraceStore::health() const { return impl_->state.health(); }
std::map<std::string, Money> TraceStore::settled() const { return impl_->state.settled(); }
void TraceStore::count_late() { impl_->state.late.fetch_add(1, std::memory_order_relaxed); }

Result<std::vector<SpendMinute>> TraceStore::spend_since(WallTime since) const {
  return impl_->writer.spend_since(since);
}
bool TraceStore::spend_is_durable() const { return impl_->state.durable; }

Result<IntentSlot> TraceStore::begin(const Intent& intent) {
  return impl_->keeps_intents ? impl_->writer.journal().begin(intent) : IntentSlot{0};
}
void TraceStore::amend(IntentSlot slot, const Intent& intent,
                       std::string_view upstream_request_id) {
  impl_->writer.journal().amend(slot, intent, upstream_request_id);
}
std::uint64_t TraceStore::interrupted() const { return health().rows_interrupted; }

Result<TraceStore::Reconciled> TraceStore::reconcile(const std::vector<Actual>& actuals,
                                                     bool only_doubtful) {
  impl_->writer.catch_up();  // a row that was submitted before is to be found
  TRY(auto matched, match_rows(impl_->readers, actuals));
  TRY(auto done, impl_->writer.reprice(matched.rows, only_doubtful));
  done.unknown.insert(done.unknown.begin(), matched.unknown.begin(), matched.unknown.end());
  return done;
}

bool TraceStore::admit_unasked(SteadyTime now) { return impl_->state.admit_unasked(now); }

void TraceStore::set_retention(int days, std::uint64_t bytes) {
  impl_->state.retention_days = days;
  impl_->state.retention_bytes = bytes;
}

}  // namespace routerone::store
