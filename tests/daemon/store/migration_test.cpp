#include <sqlite3.h>
#include <sys/wait.h>

#include <csignal>

#include "daemon/store/schema.h"
#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;
namespace fs = std::filesystem;

namespace {

constexpr int rows = 1'300;  // more than two steps of summing

/// A database as that version left it: rows of version 1, their ledger, the log folded in.
void make_version(int version, const fs::path& path, WallTime now) {
  SQLite::Database db(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  db.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
  db.exec(migration_texts()[0]);
  db.exec("BEGIN");
  SQLite::Statement insert(db, R"sql(
INSERT INTO traces VALUES (?1, 'id-' || ?1, ?2, 'key-1', 'ci', 'default', '', '', '', '', 0, '',
  'openai/gpt-5', 'openai', '', 10, NULL, NULL, NULL, 5, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  '', NULL, 'upstream', 3, 'catalog', 0, NULL, 0, 200, 'stop', '', 'completed', 'primary', '', '',
  '[]', '[{"provider":"openai"}]', '', 0, 0)
)sql");
  for (int i = 1; i <= rows; ++i) {
    insert.bind(1, i);
    insert.bind(2, micros_since_epoch(now));
    insert.exec();
    insert.reset();
  }
  for (const char* scope : {"wallet", "project:default", "key:key-1"}) {
    SQLite::Statement ledger(db, "INSERT INTO ledger VALUES (?1, ?2)");
    ledger.bind(1, scope);
    ledger.bind(2, 3 * rows);
    ledger.exec();
  }
  db.exec("COMMIT");
  for (int next = 1; next < version; ++next)
    db.exec(migration_texts()[static_cast<std::size_t>(next)]);
}

void check_whole(Fixture& f) {
  CHECK(f.store->health().quarantined.empty());
  CHECK(f.number("PRAGMA user_version") == schema_version);
  CHECK(f.number("SELECT count(*) FROM traces") == rows);
  CHECK(f.store->settled()["wallet"].picousd == 3 * rows);
  std::map<std::string, std::int64_t> spent;
  const auto minutes = f.store->spend_since(wall_from_micros(0));
  REQUIRE(minutes.has_value());
  for (const auto& minute : *minutes) spent[minute.scope] += minute.settled.picousd;
  CHECK(spent == std::map<std::string, std::int64_t>{
                     {"wallet", 3 * rows}, {"project:default", 3 * rows}, {"key:key-1", 3 * rows}});
}

int statements_left = 0;

int count_statement(unsigned, void*, void*, void*) {
  if (--statements_left <= 0) ::kill(::getpid(), SIGKILL);
  return 0;
}

int watch(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, count_statement, nullptr);
}

/// Opens the store in a child that dies as its n-th statement begins. False: it lived.
bool dies_at_statement(Fixture& f, int n) {
  const pid_t child = ::fork();
  if (child == 0) {
    statements_left = n;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch));
    if (!f.open()) ::_exit(1);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

}  // namespace

TEST_CASE("a database of version 1 goes on as one of today, with its rows, ledger and spend") {
  Fixture f;
  f.options.retention_every = Millis(5);
  make_version(1, f.options.database, f.system.wall());
  REQUIRE(f.open().has_value());
  check_whole(f);
  CHECK(eventually([&] { return f.number("SELECT sequence FROM spend_summed") == rows; }));
  check_whole(f);
  Query query;
  query.limit = 1;
  const auto old = f.store->query(query);
  REQUIRE(old->size() == 1);
  CHECK_FALSE(old->front().row.clamped.has_value());
  CHECK_FALSE(old->front().row.reserved.has_value());
  CHECK_FALSE(old->front().row.overrun);
  CHECK_FALSE(old->front().row.decision.has_value());
  CHECK(old->front().row.upstream_model.empty());
  CHECK(f.commit(f.record(1)));
  CHECK(f.number("SELECT max(sequence) FROM traces") == rows + 1);
}

TEST_CASE(
    "a database of version 2 goes on as one of today: its rows have no decision, new ones may") {
  Fixture f;
  make_version(2, f.options.database, f.system.wall());
  REQUIRE(f.open().has_value());
  check_whole(f);
  const auto old = f.store->query({.limit = 2});
  REQUIRE(old->size() == 2);
  CHECK_FALSE(old->front().row.decision.has_value());
  CHECK(old->front().row.attempts.size() == 1);
  auto record = f.record(1);
  record.row.decision.emplace().dice = 7;
  REQUIRE(f.commit(record));
  const auto found = f.store->find(record.row.id);
  REQUIRE((*found)->row.decision.has_value());
  CHECK((*found)->row.decision->dice == 7);
}

TEST_CASE("a database of version 1 whose rows had all been pruned goes on") {
  Fixture f;
  f.options.retention_every = Millis(5);
  make_version(1, f.options.database, f.system.wall());
  {
    SQLite::Database db(f.options.database.string(), SQLite::OPEN_READWRITE);
    db.exec("DELETE FROM traces; UPDATE pruned SET sequence = 1300");
  }
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(1)));
  CHECK(eventually([&] { return f.number("SELECT sequence FROM spend_summed") == rows + 1; }));
}

TEST_CASE("a kill at any statement of a start leaves version 1 or today's, never between") {
  Fixture f;
  make_version(1, f.options.database, f.system.wall());
  const auto kept = f.folder / "version-1";
  fs::copy_file(f.options.database, kept);
  int killed = 0, of_version_1 = 0;
  for (int n = 1; dies_at_statement(f, n); ++n) {
    CAPTURE(n);
    ++killed;
    of_version_1 += f.number("PRAGMA user_version") == 1 ? 1 : 0;
    CHECK(f.text("PRAGMA integrity_check") == "ok");
    REQUIRE(f.open().has_value());
    check_whole(f);
    f.store.reset();
    for (const char* ending : {"", "-wal", "-shm"})
      fs::remove(f.options.database.string() + ending);
    fs::remove(f.options.spend_floor);
    fs::copy_file(kept, f.options.database);
  }
  CHECK(of_version_1 > 10);
  CHECK(killed > of_version_1);
}
