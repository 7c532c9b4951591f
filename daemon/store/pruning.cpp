#include "daemon/store/pruning.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "common/core/saturating.h"

namespace routerone::store {
namespace {

constexpr int labels = 6;  // day and five names
constexpr int sums = 8;
using Label = std::array<std::string, labels - 1>;
using Key = std::pair<std::int64_t, Label>;
using Sums = std::array<std::int64_t, sums>;

/// Its columns are, in order: sequence, the labels, the sums of `rollups`.
constexpr const char* oldest_rows = R"sql(
SELECT sequence, time / 86400000000, key_id, key_name, project, provider, model,
  1,
  error <> '',
  ifnull(input, 0) + ifnull(input_audio, 0) + ifnull(input_image, 0),
  ifnull(cache_read, 0) + ifnull(cache_read_audio, 0),
  ifnull(cache_write_5m, 0) + ifnull(cache_write_1h, 0),
  ifnull(output, 0) + ifnull(output_audio, 0) + ifnull(output_image, 0),
  ifnull(cost, 0),
  cost IS NULL
FROM traces WHERE time < ?1 AND sequence <= (SELECT sequence FROM spend_summed)
ORDER BY time LIMIT ?2
)sql";

constexpr const char* find_rollup = R"sql(
SELECT requests, errors, input, cache_read, cache_write, output, cost, unknown_cost FROM rollups
WHERE day = ?1 AND key_id = ?2 AND key_name = ?3 AND project = ?4 AND provider = ?5 AND model = ?6
)sql";

constexpr const char* put_rollup = R"sql(
INSERT OR REPLACE INTO rollups (
  day, key_id, key_name, project, provider, model,
  requests, errors, input, cache_read, cache_write, output, cost, unknown_cost)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
)sql";

struct Oldest {
  std::vector<std::int64_t> sequences;
  std::map<Key, Sums> rollups;
};

void add(Sums& to, const Sums& amounts) {
  for (std::size_t i = 0; i < amounts.size(); ++i) to[i] = saturating_add(to[i], amounts[i]);
}

Sums read_sums(SQLite::Statement& row, int first) {
  Sums found{};
  for (auto& sum : found) sum = row.getColumn(first++).getInt64();
  return found;
}

Oldest read_oldest(SQLite::Database& db, WallTime cutoff, std::size_t most) {
  Oldest oldest;
  SQLite::Statement rows(db, oldest_rows);
  rows.bind(1, micros_since_epoch(cutoff));
  rows.bind(2, static_cast<std::int64_t>(most));
  while (rows.executeStep()) {
    oldest.sequences.push_back(rows.getColumn(0).getInt64());
    Key key{rows.getColumn(1).getInt64(), {}};
    for (int i = 0; i < labels - 1; ++i)
      key.second[static_cast<std::size_t>(i)] = rows.getColumn(2 + i).getString();
    add(oldest.rollups[key], read_sums(rows, 1 + labels));
  }
  return oldest;
}

void bind_key(SQLite::Statement& statement, const Key& key) {
  statement.bind(1, key.first);
  for (int i = 0; i < labels - 1; ++i)
    statement.bind(2 + i, key.second[static_cast<std::size_t>(i)]);
}

void write_rollups(SQLite::Database& db, std::map<Key, Sums>& rollups) {
  SQLite::Statement find(db, find_rollup), put(db, put_rollup);
  for (auto& [key, amounts] : rollups) {
    bind_key(find, key);
    if (find.executeStep()) add(amounts, read_sums(find, 0));
    find.reset();
    bind_key(put, key);
    for (int i = 0; i < sums; ++i) put.bind(labels + 1 + i, amounts[static_cast<std::size_t>(i)]);
    put.exec();
    put.reset();
  }
}

void delete_rows(SQLite::Database& db, const std::vector<std::int64_t>& sequences) {
  SQLite::Statement remove(db, "DELETE FROM traces WHERE sequence = ?1");
  for (const auto sequence : sequences) {
    remove.bind(1, sequence);
    remove.exec();
    remove.reset();
  }
  SQLite::Statement note(db, "UPDATE pruned SET sequence = max(sequence, ?1)");
  note.bind(1, *std::max_element(sequences.begin(), sequences.end()));
  note.exec();
}

}  // namespace

std::size_t prune_step(SQLite::Database& db, WallTime cutoff, std::size_t most) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  auto oldest = read_oldest(db, cutoff, most);
  if (oldest.sequences.empty()) return 0;
  write_rollups(db, oldest.rollups);
  delete_rows(db, oldest.sequences);
  transaction.commit();
  return oldest.sequences.size();
}

}  // namespace routerone::store
