#include "daemon/store/schema.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <array>

namespace routerone::store {
namespace {

/// Never edited once released, only added to.
/// Amounts are picodollars, times microseconds since 1970, NULL is "not known".
constexpr std::array<const char*, schema_version> migrations = {R"sql(
PRAGMA application_id = 1919907889;

CREATE TABLE traces (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  time INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  key_name TEXT NOT NULL,
  project TEXT NOT NULL,
  client TEXT NOT NULL,
  session TEXT NOT NULL,
  dialect TEXT NOT NULL,
  operation TEXT NOT NULL,
  stream INTEGER NOT NULL,
  requested_model TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  upstream_model TEXT NOT NULL,
  input INTEGER,
  cache_read INTEGER,
  cache_write_5m INTEGER,
  cache_write_1h INTEGER,
  output INTEGER,
  reasoning INTEGER,
  input_audio INTEGER,
  output_audio INTEGER,
  cache_read_audio INTEGER,
  input_image INTEGER,
  output_image INTEGER,
  web_searches INTEGER,
  service_tier TEXT NOT NULL,
  stated_cost INTEGER,
  usage_source TEXT NOT NULL,
  cost INTEGER,
  price_source TEXT NOT NULL,
  latency_us INTEGER NOT NULL,
  ttft_us INTEGER,
  overhead_us INTEGER NOT NULL,
  status INTEGER NOT NULL,
  finish_reason TEXT NOT NULL,
  error TEXT NOT NULL,
  state TEXT NOT NULL,
  route TEXT NOT NULL,
  fallback_from TEXT NOT NULL,
  fallback_reason TEXT NOT NULL,
  dropped TEXT NOT NULL,
  attempts TEXT NOT NULL,
  upstream_request_id TEXT NOT NULL,
  bytes_in INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL
) STRICT;
CREATE INDEX traces_by_time ON traces (time);

-- Settled spend a scope, changed in the transaction of the row that caused it.
CREATE TABLE ledger (
  scope TEXT PRIMARY KEY,
  settled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Spend without a row: rows that were lost, and what a lost database had already settled.
CREATE TABLE corrections (
  number INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  scope TEXT NOT NULL,
  amount INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;

-- What is left of rows that retention deleted. `day` counts from 1970-01-01, UTC.
CREATE TABLE rollups (
  day INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  key_name TEXT NOT NULL,
  project TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  unknown_cost INTEGER NOT NULL,
  PRIMARY KEY (day, key_id, key_name, project, provider, model)
) STRICT, WITHOUT ROWID;

-- The highest sequence ever deleted, so that none is given twice.
CREATE TABLE pruned (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL
) STRICT;
INSERT INTO pruned VALUES (1, 0);

PRAGMA user_version = 1;
)sql",
                                                                R"sql(
ALTER TABLE traces ADD COLUMN clamped INTEGER;
ALTER TABLE traces ADD COLUMN reserved INTEGER;
ALTER TABLE traces ADD COLUMN overrun INTEGER NOT NULL DEFAULT 0;

-- What each scope settled in each minute since 1970, UTC: made of the rows up to `spend_summed`,
-- and outliving them. Never a part of the ledger's sum: it only tells when.
CREATE TABLE spend_minutes (
  minute INTEGER NOT NULL,
  scope TEXT NOT NULL,
  settled INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  PRIMARY KEY (minute, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE spend_summed (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL
) STRICT;
INSERT INTO spend_summed VALUES (1, 0);

PRAGMA user_version = 2;
)sql",
                                                                R"sql(
-- A Decision as decision_json.h has it; NULL where there was nothing to choose from.
ALTER TABLE traces ADD COLUMN routing TEXT;

PRAGMA user_version = 3;
)sql",
                                                                R"sql(
-- Usage by the quarter of an hour, by the day that is over, and of all groups by the quarter;
-- rollups.h tells of it, histogram.h of the two columns of bytes. The old `rollups` are kept for
-- what was pruned before; nothing is added to them any more.
CREATE TABLE usage_groups (
  id INTEGER PRIMARY KEY,
  key_id TEXT NOT NULL,
  key_name TEXT NOT NULL,
  project TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  UNIQUE (key_id, key_name, project, provider, model)
) STRICT;
CREATE TABLE usage_quarters (
  period INTEGER NOT NULL,
  whose INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  unknown_cost INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  latency BLOB NOT NULL,
  ttft BLOB NOT NULL,
  PRIMARY KEY (period, whose)
) STRICT, WITHOUT ROWID;
CREATE TABLE usage_days (
  period INTEGER NOT NULL,
  whose INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  unknown_cost INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  latency BLOB NOT NULL,
  ttft BLOB NOT NULL,
  PRIMARY KEY (period, whose)
) STRICT, WITHOUT ROWID;
CREATE TABLE usage_totals (
  period INTEGER NOT NULL,
  whose INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  unknown_cost INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  latency BLOB NOT NULL,
  ttft BLOB NOT NULL,
  PRIMARY KEY (period, whose)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_progress (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  filled INTEGER NOT NULL,
  old INTEGER NOT NULL,
  folded INTEGER NOT NULL
) STRICT;
INSERT INTO usage_progress SELECT 1, 0, ifnull(max(sequence), 0), 0 FROM traces;

-- What rows are looked up by; facets.h tells of it.
CREATE TABLE facet_words (
  id INTEGER PRIMARY KEY,
  facet INTEGER NOT NULL,
  word TEXT NOT NULL,
  UNIQUE (facet, word)
) STRICT;
CREATE TABLE facet_rows (
  word INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  rows BLOB NOT NULL,
  PRIMARY KEY (word, chunk)
) STRICT, WITHOUT ROWID;
CREATE TABLE facet_chunks (
  chunk INTEGER PRIMARY KEY,
  first_time INTEGER NOT NULL,
  last_time INTEGER NOT NULL,
  words BLOB NOT NULL
) STRICT;

PRAGMA user_version = 4;
)sql"};

constexpr int our_application_id = 1919907889;  // the letters "rox1" as a number

int number_of(SQLite::Database& db, const char* query) {
  SQLite::Statement statement(db, query);
  return statement.executeStep() ? statement.getColumn(0).getInt() : 0;
}

}  // namespace

std::span<const char* const> migration_texts() { return migrations; }

tl::expected<int, Problem> version_of(SQLite::Database& db) try {
  const int version = number_of(db, "PRAGMA user_version");
  const bool ours = number_of(db, "PRAGMA application_id") == our_application_id;
  const bool empty = number_of(db, "SELECT count(*) FROM sqlite_master") == 0;
  if (!ours && (version != 0 || !empty))
    return tl::unexpected(Problem{Fault::damaged, "the database is not one of routerone's"});
  if (version > schema_version)
    return tl::unexpected(Problem{Fault::newer, "the database has schema version " +
                                                    std::to_string(version) +
                                                    ", this routerone knows versions up to " +
                                                    std::to_string(schema_version)});
  if (version < 0 || (ours && version == 0))
    return tl::unexpected(Problem{Fault::damaged, "the database has no valid schema version"});
  return version;
} catch (const SQLite::Exception& error) {
  return tl::unexpected(problem_of(error));
}

tl::expected<void, Problem> migrate(SQLite::Database& db, int from) try {
  if (from >= schema_version) return {};
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  for (auto next = static_cast<std::size_t>(from); next < migrations.size(); ++next)
    db.exec(migrations[next]);
  transaction.commit();
  return {};
} catch (const SQLite::Exception& error) {
  return tl::unexpected(problem_of(error));
}

}  // namespace routerone::store
