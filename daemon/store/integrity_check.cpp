#include "daemon/store/integrity_check.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include "daemon/store/problem.h"

namespace routerone::store {
namespace {

int asked_to_stop(void* flag) { return static_cast<std::atomic<bool>*>(flag)->load() ? 1 : 0; }

/// False only if it is damaged; a check that could not be made is no finding.
bool is_sound(const std::filesystem::path& database, std::atomic<bool>& stopping) try {
  SQLite::Database db(database.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, 250);
  sqlite3_db_config(db.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_progress_handler(db.getHandle(), 5'000, asked_to_stop, &stopping);
  db.exec("PRAGMA cache_size = -512; PRAGMA query_only = 1");
  SQLite::Statement check(db, "PRAGMA quick_check(1)");
  return !check.executeStep() || check.getColumn(0).getString() == "ok";
} catch (const SQLite::Exception& error) {
  return problem_of(error).fault != Fault::damaged;
}

}  // namespace

void IntegrityCheck::start(const std::filesystem::path& database, std::function<void()> on_damage) {
  stop();
  stopping_ = false;
  thread_ = std::thread([this, database, on_damage = std::move(on_damage)] {
    if (!is_sound(database, stopping_) && !stopping_) on_damage();
  });
}

void IntegrityCheck::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace routerone::store
