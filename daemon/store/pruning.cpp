#include "daemon/store/pruning.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <vector>

#include "daemon/store/facets.h"

namespace routerone::store {
namespace {

constexpr const char* oldest_rows = R"sql(
SELECT sequence FROM traces WHERE time < ?1 AND sequence <= (SELECT sequence FROM spend_summed)
  AND NOT EXISTS (SELECT 1 FROM usage_progress WHERE sequence > filled AND sequence <= old)
ORDER BY time LIMIT ?2
)sql";

std::vector<std::int64_t> read_oldest(SQLite::Database& db, WallTime cutoff, std::size_t most) {
  std::vector<std::int64_t> sequences;
  SQLite::Statement rows(db, oldest_rows);
  rows.bind(1, micros_since_epoch(cutoff));
  rows.bind(2, static_cast<std::int64_t>(most));
  while (rows.executeStep()) sequences.push_back(rows.getColumn(0).getInt64());
  return sequences;
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
  const auto sequences = read_oldest(db, cutoff, most);
  if (sequences.empty()) return 0;
  delete_rows(db, sequences);
  forget_chunks(db);
  transaction.commit();
  return sequences.size();
}

}  // namespace routerone::store
