#include "daemon/store/trace_store.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>

#include "common/core/text.h"
#include "daemon/store/conditions.h"
#include "daemon/store/past.h"
#include "daemon/store/readers.h"
#include "daemon/store/reconcile.h"
#include "daemon/store/row.h"
#include "daemon/store/state.h"
#include "daemon/store/usage.h"
#include "daemon/store/writer.h"

namespace routerone::store {
namespace {

constexpr Millis longest_query{250};  // threat S6 of the fault matrix
constexpr std::size_t most_rows = 10'000;
constexpr std::size_t shortest_prefix = 4;

std::vector<StoredTrace> read_rows(SQLite::Statement& statement) {
  std::vector<StoredTrace> rows;
  while (statement.executeStep()) rows.push_back(read_row(statement));
  return rows;
}

}  // namespace

struct TraceStore::Impl {
  Impl(const StoreOptions& options, const Clock& clock)
      : keeps_intents(!options.intents.empty()),
        readers(options.database, clock,
                [this](std::uint64_t generation) { writer.suspect(generation); }),
        writer(options, clock, state, readers) {
    state.retention_days = options.retention_days;
    state.retention_bytes = options.retention_bytes;
  }
  const bool keeps_intents;
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
  TRY(auto where, compile(query.where, Table::traces));
  where.first_parameter = 2;
  const auto limit = static_cast<std::int64_t>(std::min(query.limit, most_rows));
  const std::string sql = std::string(select_row_sql) + "WHERE sequence > ?1 AND " + where.sql +
                          (query.oldest_first ? " ORDER BY sequence" : " ORDER BY sequence DESC") +
                          " LIMIT ?";
  std::vector<StoredTrace> rows;
  TRY_STATUS(impl_->readers.with(longest_query, [&](SQLite::Database& db) {
    SQLite::Statement statement(db, sql);
    statement.bind(1, query.after_sequence);
    bind(where, statement);
    statement.bind(2 + static_cast<int>(where.bound.size()), limit);
    rows = read_rows(statement);
  }));
  return rows;
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

Result<std::vector<UsageLine>> TraceStore::usage(const std::vector<std::string>& group_by,
                                                 const Query& query) const {
  return sum_usage(impl_->readers, group_by, query);
}

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
