#include "daemon/store/reconcile.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "common/core/text.h"
#include "daemon/store/row.h"
#include "daemon/store/spend.h"
#include "daemon/store/words.h"

namespace routerone::store {
namespace {

/// Longer than a list's: ids of upstream's have no index, so that rows need not pay for one.
constexpr Millis longest_look{30'000};
constexpr Money most_a_request{10'000'000'000'000'000};  // 10,000 USD

struct Wanted {
  std::string id;
  Money cost;
  std::int64_t sequence = 0;  ///< 0: not found.
  std::string trace;
};

/// The last of each id, in the order in which they first came.
Result<std::vector<Wanted>> wanted_of(const std::vector<TraceStore::Actual>& actuals) {
  std::vector<Wanted> wanted;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& actual : actuals) {
    if (actual.cost < Money{} || actual.cost > most_a_request)
      return fail(ErrorKind::invalid,
                  fmt::format("{} USD cannot be the cost of \"{}\"", format_usd(actual.cost),
                              printable(actual.id, 64)),
                  "a request costs between 0 and 10,000 USD");
    const auto [place, is_new] = places.emplace(actual.id, wanted.size());
    if (is_new) wanted.push_back({actual.id, {}, 0, {}});
    wanted[place->second].cost = actual.cost;
  }
  return wanted;
}

void find_by_id(SQLite::Database& db, std::vector<Wanted>& wanted) {
  SQLite::Statement find(db, "SELECT sequence, id FROM traces WHERE id = ?1");
  for (auto& one : wanted) {
    find.bind(1, lower(one.id));
    if (find.executeStep()) {
      one.sequence = find.getColumn(0).getInt64();
      one.trace = find.getColumn(1).getString();
    }
    find.reset();
  }
}

/// Should two rows have one, the newer is meant.
void find_by_upstream_id(SQLite::Database& db, std::vector<Wanted>& wanted) {
  std::unordered_map<std::string_view, Wanted*> missing;
  for (auto& one : wanted)
    if (one.sequence == 0 && !one.id.empty()) missing.emplace(one.id, &one);
  if (missing.empty()) return;
  SQLite::Statement rows(db,
                         "SELECT upstream_request_id, sequence, id FROM traces "
                         "WHERE upstream_request_id <> '' ORDER BY sequence");
  while (rows.executeStep()) {
    const auto found = missing.find(rows.getColumn(0).getText());
    if (found == missing.end()) continue;
    found->second->sequence = rows.getColumn(1).getInt64();
    found->second->trace = rows.getColumn(2).getString();
  }
}

/// A row may have been named twice, by each of its ids: the last one counts.
Matched matched_of(std::vector<Wanted> wanted) {
  Matched matched;
  std::unordered_map<std::int64_t, std::size_t> places;
  for (auto& one : wanted) {
    if (one.sequence == 0) {
      matched.unknown.push_back(std::move(one.id));
      continue;
    }
    const auto [place, is_new] = places.emplace(one.sequence, matched.rows.size());
    if (is_new) matched.rows.push_back({one.sequence, one.trace, {}});
    matched.rows[place->second].cost = one.cost;
  }
  return matched;
}

bool is_doubtful(const TraceRow& row) {
  return row.state == FinalState::interrupted || row.usage_source == UsageSource::estimate;
}

}  // namespace

Result<Matched> match_rows(const Readers& readers, const std::vector<TraceStore::Actual>& actuals) {
  TRY(auto wanted, wanted_of(actuals));
  TRY_STATUS(readers.with(longest_look, [&](SQLite::Database& db) {
    find_by_id(db, wanted);
    find_by_upstream_id(db, wanted);
  }));
  return matched_of(std::move(wanted));
}

Repriced reprice_rows(SQLite::Database& db, Rollups& rollups, const std::vector<Repricing>& rows,
                      bool only_doubtful) {
  Repriced done;
  const auto summed = summed_up_to(db);
  SQLite::Statement find(db, std::string(select_row_sql) + "WHERE sequence = ?1 AND id = ?2");
  SQLite::Statement put(db, "UPDATE traces SET cost = ?2, price_source = ?3 WHERE sequence = ?1");
  put.bind(3, std::string(to_word(PriceSource::upstream)));
  for (const auto& wanted : rows) {
    find.bind(1, wanted.sequence);
    find.bind(2, wanted.id);
    const bool is_there = find.executeStep();
    TraceRow row = is_there ? read_row(find).row : TraceRow();
    find.reset();
    if (!is_there) {  // pruned a moment ago
      done.outcome.unknown.push_back(wanted.id);
    } else if (row.cost == wanted.cost) {
      ++done.outcome.equal;
    } else if (only_doubtful && !is_doubtful(row)) {
      ++done.outcome.certain;
    } else {
      put.bind(1, wanted.sequence);
      put.bind(2, wanted.cost.picousd);
      put.exec();
      put.reset();
      rollups.reprice(wanted.sequence, row, wanted.cost);
      const Money by = wanted.cost - row.cost.value_or(Money{});
      for (auto& scope : scopes_of(row)) {
        if (wanted.sequence <= summed) correct_minute(db, scope, settled_minute(row), by);
        done.shifts.push_back({std::move(scope), settled_minute(row), by, 0, 0});
      }
      done.outcome.changed.emplace_back(std::move(row), wanted.cost);
    }
  }
  return done;
}

}  // namespace routerone::store
