#include "daemon/store/past.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <utility>

#include "daemon/store/attempts_json.h"
#include "daemon/store/conditions.h"
#include "daemon/store/decision_json.h"
#include "daemon/store/words.h"

namespace routerone::store {
namespace {

/// Less than the control socket's clients wait for an answer.
constexpr Millis longest{40'000};
constexpr int rows_a_page = 1'000;

constexpr const char* select_past = R"sql(
SELECT time, sequence, key_id, key_name, project, session, provider, upstream_model, state, cost,
  attempts, routing
FROM traces WHERE (time, sequence) > (?1, ?2) AND sequence <= ?3 AND )sql";

struct Cursor {
  std::int64_t time = INT64_MIN, sequence = 0;
};

PastRequest read_past(SQLite::Statement& row) {
  int at = 2;
  const auto text = [&] { return row.getColumn(at++).getString(); };
  PastRequest past;
  past.time = wall_from_micros(row.getColumn(0).getInt64());
  for (auto* name : {&past.key_id, &past.key_name, &past.project, &past.session, &past.provider,
                     &past.upstream_model})
    *name = text();
  past.state = final_state_of(text());
  const auto cost = row.getColumn(at++);
  if (!cost.isNull()) past.cost = Money{cost.getInt64()};
  past.attempts = attempts_of(text());
  if (auto kept = decision_of(text())) {
    past.decision = std::move(kept->decision);
    past.decision_is_whole = kept->candidates_left_out == 0;
  }
  return past;
}

/// How many rows it was.
int visit_page(SQLite::Statement& page, Cursor& cursor,
               const std::function<void(const PastRequest&)>& visit) {
  page.reset();
  page.bind(1, cursor.time);
  page.bind(2, cursor.sequence);
  int rows = 0;
  for (; page.executeStep(); ++rows) {
    cursor = {page.getColumn(0).getInt64(), page.getColumn(1).getInt64()};
    visit(read_past(page));
  }
  page.reset();  // ends its transaction
  return rows;
}

}  // namespace

Status visit_past(const Readers& readers, const Query& query,
                  const std::function<void(const PastRequest&)>& visit) {
  TRY(auto where, compile(query.where, Table::traces));
  where.first_parameter = 4;
  return readers.with(longest, [&](SQLite::Database& db) {
    SQLite::Statement newest(db, "SELECT ifnull(max(sequence), 0) FROM traces");
    newest.executeStep();
    const std::int64_t last = newest.getColumn(0).getInt64();
    newest.reset();
    SQLite::Statement page(db, select_past + where.sql + " ORDER BY time, sequence LIMIT " +
                                   std::to_string(rows_a_page));
    page.bind(3, last);
    bind(where, page);
    for (Cursor cursor; visit_page(page, cursor, visit) == rows_a_page;) {
    }
  });
}

}  // namespace routerone::store
