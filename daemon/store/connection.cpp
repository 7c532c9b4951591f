#include "daemon/store/connection.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "daemon/store/backup.h"
#include "daemon/store/facets.h"
#include "daemon/store/pruning.h"
#include "daemon/store/rollups.h"
#include "daemon/store/row.h"
#include "daemon/store/schema.h"
#include "daemon/store/spend.h"

namespace routerone::store {
namespace {

/// Short: what waits here is the end of somebody's answer, and the row can wait in memory instead.
constexpr int busy_timeout_ms = 25;
constexpr std::size_t rows_a_digest = 1'000;

/// Only before there is anything in the file; and setting it again is a write, which a start on a
/// full disk or beside a lock has to do without.
constexpr const char* settings_of_new = "PRAGMA auto_vacuum = INCREMENTAL";

constexpr const char* settings = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 0;
PRAGMA journal_size_limit = 16777216;
PRAGMA cache_size = -1024;
PRAGMA mmap_size = 0;
PRAGMA temp_store = MEMORY;
)sql";

int remember_log_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

void run(SQLite::Statement& statement) {
  statement.exec();
  statement.reset();
}

std::int64_t number_of(SQLite::Database& db, const char* query) {
  SQLite::Statement statement(db, query);
  return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

/// A statement of ours that does not compile: tables are missing or have other columns.
Problem problem_at_open(const SQLite::Exception& error) {
  if (error.getErrorCode() == SQLITE_ERROR)
    return {Fault::damaged, "the database lacks tables or columns"};
  return problem_of(error);
}

}  // namespace

struct WriteConnection::Impl {
  explicit Impl(SQLite::Database database) : db(std::move(database)) {}

  SQLite::Database db;
  int log_pages = 0;
  std::int64_t newest = 0, summed = 0;
  Totals ledger, last_changes;
  struct Statements {
    explicit Statements(SQLite::Database& db)
        : begin(db, "BEGIN IMMEDIATE"),
          end(db, "COMMIT"),
          insert(db, insert_row_sql),
          settle(db,
                 "INSERT INTO ledger (scope, settled) VALUES (?1, ?2) "
                 "ON CONFLICT (scope) DO UPDATE SET settled = excluded.settled"),
          correct(db,
                  "INSERT INTO corrections (time, scope, amount, reason) VALUES (?1, ?2, ?3, ?4)") {
    }
    SQLite::Statement begin, end, insert, settle, correct;
  };
  std::optional<Statements> statements;
  std::optional<Rollups> rollups;
  std::unique_ptr<BackupCopy> copy;

  void load() {
    statements.emplace(db);
    rollups.emplace(db);
    newest = std::max(number_of(db, "SELECT max(sequence) FROM traces"),
                      number_of(db, "SELECT sequence FROM pruned"));
    summed = summed_up_to(db);
    SQLite::Statement query(db, "SELECT scope, settled FROM ledger");
    while (query.executeStep())
      ledger[query.getColumn(0).getString()] = Money{query.getColumn(1).getInt64()};
  }

  void insert_rows(std::span<const CommitRecord* const> rows, std::int64_t& sequence,
                   Totals& changed) {
    for (const auto* record : rows) {
      bind_row(statements->insert, sequence + 1, record->row);
      const bool is_new = statements->insert.exec() == 1;
      statements->insert.reset();
      if (!is_new) continue;
      ++sequence;
      rollups->add(record->row);
      for (const auto& move : record->moves) add_to(changed, move.scope, move.amount);
    }
  }

  void write_corrections(const std::vector<Correction>& corrections, Totals& changed) {
    for (const auto& correction : corrections) {
      auto& statement = statements->correct;
      statement.bind(1, micros_since_epoch(correction.time));
      statement.bind(2, correction.scope);
      statement.bind(3, correction.amount.picousd);
      statement.bind(4, correction.reason);
      run(statement);
      add_to(changed, correction.scope, correction.amount);
    }
  }

  /// Turns changes into totals and writes these: SQLite would turn an overflow into a fraction.
  void settle(Totals& changed) {
    for (auto& [scope, amount] : changed) {
      const auto found = ledger.find(scope);
      if (found != ledger.end()) amount += found->second;
      statements->settle.bindNoCopy(1, scope);
      statements->settle.bind(2, amount.picousd);
      run(statements->settle);
    }
  }

  /// After a commit.
  void know(Totals changed) {
    for (const auto& [scope, total] : changed) ledger[scope] = total;
    last_changes = std::move(changed);
  }

  /// After a failure: whatever state a statement or the transaction is in, back to the start.
  void roll_back() {
    for (auto* statement : {&statements->begin, &statements->end, &statements->insert,
                            &statements->settle, &statements->correct})
      statement->tryReset();
    rollups->forget();
    if (sqlite3_get_autocommit(db.getHandle()) == 0) db.tryExec("ROLLBACK");
  }
};

WriteConnection::WriteConnection() = default;
WriteConnection::~WriteConnection() = default;

Outcome<std::unique_ptr<WriteConnection>> WriteConnection::open(
    const std::filesystem::path& path) try {
  const int flags = SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX;
  std::unique_ptr<WriteConnection> connection(new WriteConnection);
  connection->impl_ =
      std::make_unique<Impl>(SQLite::Database(path.string(), flags, busy_timeout_ms));
  Impl& impl = *connection->impl_;
  const auto version = version_of(impl.db);  // before anything is written into a foreign file
  if (!version) return tl::unexpected(version.error());
  ::chmod(path.c_str(), 0600);  // before the log is made, which takes the database's mode
  sqlite3_limit(impl.db.getHandle(), SQLITE_LIMIT_ATTACHED, 0);
  if (*version == 0) impl.db.exec(settings_of_new);
  impl.db.exec(settings);
  sqlite3_wal_hook(impl.db.getHandle(), remember_log_pages, &impl.log_pages);
  if (auto migrated = migrate(impl.db, *version); !migrated)
    return tl::unexpected(std::move(migrated).error());
  impl.load();
  return connection;
} catch (const SQLite::Exception& error) {
  return tl::unexpected(problem_at_open(error));
}

Outcome<void> WriteConnection::commit(std::span<const CommitRecord* const> rows,
                                      const std::vector<Correction>& corrections) try {
  std::int64_t sequence = impl_->newest;
  Totals changed;
  run(impl_->statements->begin);
  impl_->insert_rows(rows, sequence, changed);
  impl_->rollups->write();
  impl_->write_corrections(corrections, changed);
  impl_->settle(changed);
  run(impl_->statements->end);

  impl_->newest = sequence;
  impl_->know(std::move(changed));
  return {};
} catch (const SQLite::Exception& error) {
  impl_->roll_back();
  return tl::unexpected(problem_of(error));
}

Outcome<Repriced> WriteConnection::reprice(
    const std::vector<Repricing>& rows, bool only_doubtful,
    const std::function<void(const Repriced&)>& before_commit) try {
  run(impl_->statements->begin);
  auto done = reprice_rows(impl_->db, *impl_->rollups, rows, only_doubtful);
  impl_->rollups->write();
  Totals changed;
  for (const auto& shift : done.shifts) add_to(changed, shift.scope, shift.settled);
  impl_->settle(changed);
  before_commit(done);
  run(impl_->statements->end);
  impl_->know(std::move(changed));
  return done;
} catch (const SQLite::Exception& error) {
  impl_->roll_back();
  return tl::unexpected(problem_of(error));
}

Outcome<bool> WriteConnection::sum_minutes(std::size_t most) try {
  const auto before = std::exchange(impl_->summed, sum_minutes_step(impl_->db, most));
  if (impl_->summed == before) impl_->summed = impl_->newest;  // what was there has been pruned
  return unsummed() > 0;
} catch (const SQLite::Exception& error) {
  impl_->roll_back();
  return tl::unexpected(problem_of(error));
}

std::int64_t WriteConnection::unsummed() const { return impl_->newest - impl_->summed; }

Outcome<void> WriteConnection::prune_minutes(WallTime cutoff) try {
  prune_minutes_step(impl_->db, cutoff);
  return {};
} catch (const SQLite::Exception& error) {
  return tl::unexpected(problem_of(error));
}

Outcome<std::vector<SpendMinute>> WriteConnection::spend_since(WallTime since) try {
  return read_spend(impl_->db, since);
} catch (const SQLite::Exception& error) {
  impl_->roll_back();
  return tl::unexpected(problem_of(error));
}

Outcome<bool> WriteConnection::digest(WallTime now) try {
  if (impl_->rollups->step(rows_a_digest, now)) return true;
  return index_step(impl_->db, impl_->newest);
} catch (const SQLite::Exception& error) {
  impl_->roll_back();
  return tl::unexpected(problem_of(error));
}

Outcome<void> WriteConnection::begin_backup(const std::filesystem::path& file) {
  auto begun = BackupCopy::begin(impl_->db, file);
  if (!begun) return tl::unexpected(std::move(begun).error());
  impl_->copy = *std::move(begun);
  return {};
}

Outcome<bool> WriteConnection::backup_step(int pages) {
  auto done = impl_->copy->step(pages);
  if (!done || *done) impl_->copy.reset();
  return done;
}

Outcome<std::size_t> WriteConnection::prune(WallTime cutoff, std::size_t most) try {
  return prune_step(impl_->db, cutoff, most);
} catch (const SQLite::Exception& error) {
  impl_->roll_back();
  return tl::unexpected(problem_of(error));
}

Outcome<std::uint64_t> WriteConnection::bytes_used() try {
  const auto pages =
      number_of(impl_->db, "PRAGMA page_count") - number_of(impl_->db, "PRAGMA freelist_count");
  return static_cast<std::uint64_t>(pages * number_of(impl_->db, "PRAGMA page_size"));
} catch (const SQLite::Exception& error) {
  return tl::unexpected(problem_of(error));
}

Outcome<void> WriteConnection::shrink(int pages) try {
  // The pragma frees one page a step.
  SQLite::Statement vacuum(impl_->db, "PRAGMA incremental_vacuum");
  for (int i = 0; i < pages && vacuum.executeStep(); ++i) {
  }
  return {};
} catch (const SQLite::Exception& error) {
  return tl::unexpected(problem_of(error));
}

int WriteConnection::log_pages() const { return impl_->log_pages; }

void WriteConnection::checkpoint() {
  int pages = 0, copied = 0;
  const int result = sqlite3_wal_checkpoint_v2(impl_->db.getHandle(), nullptr,
                                               SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
  // All copied: the next commit begins the log anew. Otherwise a reader held some back; later.
  if (result == SQLITE_OK && pages == copied) impl_->log_pages = 0;
}

const Totals& WriteConnection::ledger() const { return impl_->ledger; }
const Totals& WriteConnection::last_changes() const { return impl_->last_changes; }
std::int64_t WriteConnection::newest_sequence() const { return impl_->newest; }

}  // namespace routerone::store
