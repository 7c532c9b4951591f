#include "daemon/store/usage.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

#include "common/core/saturating.h"
#include "daemon/store/conditions.h"
#include "daemon/store/rollups.h"
#include "daemon/store/usage_lines.h"
#include "daemon/store/walk.h"

namespace routerone::store {
namespace {

using Op = Condition::Op;

constexpr std::int64_t micros_a_day = micros_a_quarter * quarters_a_day;
constexpr std::int64_t farthest = std::int64_t{1} << 60;  // some 36,000 years
constexpr std::size_t most_lines = 100'000, most_lines_of_rows = 10'000;
constexpr Millis grace{2'000};  // beyond the patience, before a statement is broken off

/// Rounded down, below 0 too.
std::int64_t divided(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
std::int64_t divided_up(std::int64_t a, std::int64_t b) { return -divided(-a, b); }

std::optional<std::int64_t> maybe_number(SQLite::Database& db, const char* query) {
  SQLite::Statement statement(db, query);
  if (!statement.executeStep() || statement.getColumn(0).isNull()) return std::nullopt;
  return statement.getColumn(0).getInt64();
}

/// The conditions on time, as one range, and the others.
struct Asked {
  TimeRange range{-farthest, farthest};
  std::vector<Condition> others;
  bool of_rollups = true;  ///< Roll-ups have all that the others ask about.

  explicit Asked(const std::vector<Condition>& where) {
    for (const auto& condition : where) {
      if (condition.column == "time" && condition.op != Op::not_equal) {
        narrow(condition);
        continue;
      }
      others.push_back(condition);
      of_rollups = of_rollups && has_column(Table::groups, condition.column);
    }
    range.until = std::max(range.until, range.from);
  }
  void narrow(const Condition& condition) {
    const auto at = std::clamp(condition.number, -farthest, farthest);
    if (condition.op == Op::greater_equal || condition.op == Op::equal)
      range.from = std::max(range.from, at);
    if (condition.op == Op::greater) range.from = std::max(range.from, at + 1);
    if (condition.op == Op::less) range.until = std::min(range.until, at);
    if (condition.op == Op::less_equal || condition.op == Op::equal)
      range.until = std::min(range.until, at + 1);
  }
};

/// Are the rows from that time on all there?
bool has_rows_since(SQLite::Database& db, std::int64_t time) {
  if (maybe_number(db, "SELECT sequence FROM pruned").value_or(0) == 0) return true;
  return maybe_number(db, "SELECT min(time) FROM traces").value_or(farthest) <= time;
}

/// The range that parts are parts of: from the first there is until now, where nothing was said.
TimeRange bounded(SQLite::Database& db, TimeRange range, WallTime now) {
  if (range.until == farthest) range.until = micros_since_epoch(now);
  if (range.from == -farthest) {
    const auto quarter = maybe_number(db, "SELECT min(period) FROM usage_quarters");
    const auto row = maybe_number(db, "SELECT min(time) FROM traces");
    const auto day = maybe_number(db, "SELECT min(day) FROM rollups");
    range.from = range.until;
    if (quarter) range.from = std::min(range.from, *quarter * micros_a_quarter);
    if (row) range.from = std::min(range.from, *row);
    if (day) range.from = std::min(range.from, *day * micros_a_day);
  }
  range.until = std::max(range.until, range.from + 1);
  return range;
}

constexpr const char* row_columns = ", model, key_name, project, provider, session, client, ";

/// Labels and facts of a row; the time stands before `at`.
void add_row(UsageLines& lines, SQLite::Statement& row, int at) {
  UsageLabels labels;
  const auto time = row.getColumn(at - 1).getInt64();
  for (auto& label : labels) label.assign(row.getColumn(at++).getText());
  lines.add(lines.at(labels, time), read_facts(row, at), time);
}

/// One answer in the making, within one read transaction.
class Summing {
 public:
  Summing(SQLite::Database& db, const UsageQuery& query, const Asked& asked,
          std::function<bool()> is_over)
      : db_(db), query_(query), asked_(asked), is_over_(std::move(is_over)) {}

  Status from_rows(UsageLines& lines) {
    Query rows;
    rows.where = query_.where;
    return walk_rows(rows, lines);
  }

  Status from_rollups(UsageLines& lines) {
    progress_ = usage_progress(db_);
    TRY_STATUS(read_groups());
    const TimeRange quarters = whole_quarters();
    if (quarters.from >= quarters.until && !has_snapped_) {
      TRY_STATUS(add_edge(asked_.range, lines));
    } else {
      TRY_STATUS(add_edges(quarters, lines));
      add_quarters(quarters, lines);
      TRY_STATUS(add_unfilled(quarters, lines));
    }
    return add_old_rollups(lines);
  }

  bool complete() const { return complete_; }

 private:
  static std::int64_t start_of(std::int64_t quarter) { return quarter * micros_a_quarter; }

  Status walk_rows(const Query& rows, UsageLines& lines) {
    bool too_many = false;
    TRY(const auto end, walk(db_, rows, std::string(row_columns) + facts_columns, is_over_,
                             [&](SQLite::Statement& row) {
                               too_many = lines.size() > most_lines_of_rows;
                               if (!too_many) add_row(lines, row, 2);
                               return !too_many;
                             }));
    complete_ = complete_ && !end.cursor;
    return {};
  }

  Status read_groups() {
    TRY(const auto where, compile(asked_.others, Table::groups));
    SQLite::Statement groups(
        db_, "SELECT id, model, key_name, project, provider FROM usage_groups WHERE " + where.sql);
    bind(where, groups);
    while (groups.executeStep()) {
      UsageLabels& labels = groups_[groups.getColumn(0).getInt64()];
      for (int i = 0; i < 4; ++i)
        labels[static_cast<std::size_t>(i)] = groups.getColumn(i + 1).getString();
    }
    return {};
  }

  /// The quarters that lie in the range whole. Rows of one that it begins or ends in are read; but
  /// one of whose rows some have been pruned counts where it begins.
  TimeRange whole_quarters() {
    const auto [from, until] = asked_.range;
    TimeRange quarters{divided_up(from, micros_a_quarter), divided(until, micros_a_quarter)};
    has_snapped_ = lacks_rows(divided(from, micros_a_quarter));
    if (lacks_rows(quarters.until)) {
      quarters.until = divided_up(until, micros_a_quarter);
      has_snapped_ = true;
    }
    return quarters;
  }

  bool lacks_rows(std::int64_t quarter) const {
    SQLite::Statement query(
        db_,
        "SELECT (SELECT ifnull(sum(requests), 0) FROM usage_quarters WHERE period = ?1) > "
        "(SELECT count(*) FROM traces WHERE time >= ?2 AND time < ?3)");
    query.bind(1, quarter);
    query.bind(2, start_of(quarter));
    query.bind(3, start_of(quarter + 1));
    return query.executeStep() && query.getColumn(0).getInt() != 0;
  }

  /// A quarter that lacks rows is added whole, or not at all.
  Status add_edges(TimeRange quarters, UsageLines& lines) {
    const TimeRange& all = asked_.range;
    if (!lacks_rows(divided(all.from, micros_a_quarter))) {
      TRY_STATUS(add_edge({all.from, start_of(quarters.from)}, lines));
    }
    return add_edge({start_of(quarters.until), all.until}, lines);
  }

  /// Rows of a time, which is short.
  Status add_edge(TimeRange range, UsageLines& lines) {
    if (range.from >= range.until) return {};
    TRY(auto where, compile(asked_.others, Table::traces));
    where.first_parameter = 3;
    SQLite::Statement rows(
        db_, std::string("SELECT time") + row_columns + facts_columns +
                 " FROM traces INDEXED BY traces_by_time WHERE time >= ?1 AND time < ?2 AND " +
                 where.sql);
    rows.bind(1, range.from);
    rows.bind(2, range.until);
    bind(where, rows);
    while (rows.executeStep()) add_row(lines, rows, 1);
    return {};
  }

  bool may_use_days(const UsageLines& lines) const {
    if (lines.by(Grouping::hour) || (lines.by(Grouping::day) && query_.offset)) return false;
    return query_.parts == 0 ||
           (asked_.range.until - asked_.range.from) / query_.parts >= micros_a_day;
  }

  void add_quarters(TimeRange quarters, UsageLines& lines) {
    if (quarters.from >= quarters.until) return;
    const auto folded = progress_.folded;
    if (may_use_days(lines)) {
      const TimeRange days{divided_up(quarters.from, quarters_a_day),
                           std::min(divided(quarters.until, quarters_a_day), folded)};
      if (days.from < days.until) {
        add_periods("usage_days", days, micros_a_day, lines);
        add_periods("usage_quarters", {quarters.from, days.from * quarters_a_day}, micros_a_quarter,
                    lines);
        quarters.from = days.until * quarters_a_day;
      }
    } else if (!lines.by_labels() && asked_.others.empty()) {
      const auto known = std::min(quarters.until, folded * quarters_a_day);
      add_periods("usage_totals", {quarters.from, known}, micros_a_quarter, lines);
      quarters.from = std::max(quarters.from, known);
    }
    add_periods("usage_quarters", quarters, micros_a_quarter, lines);
  }

  void add_periods(const std::string& table, TimeRange periods, std::int64_t length,
                   UsageLines& lines) {
    if (periods.from >= periods.until) return;
    SQLite::Statement rows(db_, std::string("SELECT period, whose, ") + sums_columns + " FROM " +
                                    table + " WHERE period >= ?1 AND period < ?2");
    rows.bind(1, periods.from);
    rows.bind(2, periods.until);
    static const UsageLabels of_all;
    const bool is_total = table == "usage_totals";
    while (rows.executeStep()) {
      const auto whose = rows.getColumn(1).getInt64();
      const auto group = groups_.find(whose);
      if (group == groups_.end() && !is_total) continue;
      const TimeRange when{rows.getColumn(0).getInt64() * length,
                           (rows.getColumn(0).getInt64() + 1) * length};
      UsageSums sums;
      store::add_sums(sums, rows, 2);
      lines.add(lines.at(whose, is_total ? of_all : group->second, when.from), sums, when);
    }
  }

  /// Rows that are older than the roll-ups and not in them yet.
  Status add_unfilled(TimeRange quarters, UsageLines& lines) {
    if (progress_.filled >= progress_.old || quarters.from >= quarters.until) return {};
    Query rows;
    rows.where = asked_.others;
    rows.where.push_back({"time", Op::greater_equal, true, start_of(quarters.from), {}});
    rows.where.push_back({"time", Op::less, true, start_of(quarters.until), {}});
    rows.after_sequence = progress_.filled;
    rows.before_sequence = progress_.old + 1;
    return walk_rows(rows, lines);
  }

  /// Of rows that were pruned before there were others: a day counts where it begins.
  Status add_old_rollups(UsageLines& lines) {
    TRY(const auto where, compile(query_.where, Table::rollups));
    SQLite::Statement rows(
        db_,
        "SELECT day, model, key_name, project, provider, requests, errors, input, cache_read, "
        "cache_write, output, 0, unknown_cost, cost, x'', x'' FROM rollups WHERE " +
            where.sql);
    bind(where, rows);
    while (rows.executeStep()) {
      const auto start = rows.getColumn(0).getInt64() * micros_a_day;
      UsageLabels labels;
      for (int i = 0; i < 4; ++i)
        labels[static_cast<std::size_t>(i)] = rows.getColumn(i + 1).getString();
      UsageSums sums;
      store::add_sums(sums, rows, 5);
      lines.add(lines.at(labels, start), sums, {start, start + micros_a_day});
    }
    return {};
  }

  SQLite::Database& db_;
  const UsageQuery& query_;
  const Asked& asked_;
  const std::function<bool()> is_over_;
  UsageProgress progress_;
  std::unordered_map<std::int64_t, UsageLabels> groups_;
  bool has_snapped_ = false, complete_ = true;
};

Result<UsageAnswer> answer(SQLite::Database& db, const UsageQuery& query, WallTime now,
                           const std::function<bool()>& is_over) {
  const Asked asked(query.where);
  const TimeRange range = bounded(db, asked.range, now);
  TRY(auto lines, UsageLines::make(query, range));
  Summing summing(db, query, asked, is_over);
  const bool is_of_rows = lines.by(Grouping::session) || lines.by(Grouping::client);
  const auto part = (range.until - range.from) / std::max(query.parts, 1);
  const bool is_fine = query.parts > 0 && part < micros_a_quarter && has_rows_since(db, range.from);
  if (is_of_rows || is_fine || !asked.of_rollups) {
    TRY_STATUS(summing.from_rows(lines));
  } else {
    TRY_STATUS(summing.from_rollups(lines));
  }
  if (is_of_rows && asked.of_rollups && summing.complete()) {
    TRY(auto all, UsageLines::make(query, range));
    TRY_STATUS(summing.from_rollups(all));
    lines.add_rest_of(all);
  }
  if (lines.size() > most_lines)
    return fail(ErrorKind::invalid, "that would be more than 100000 lines",
                "narrow it, for example with since=30d, or group by less");
  UsageAnswer out;
  out.complete = summing.complete();
  out.since = wall_from_micros(range.from);
  out.until = wall_from_micros(range.until);
  out.lines = std::move(lines).finish();
  return out;
}

}  // namespace

Result<UsageAnswer> sum_usage(const Readers& readers, const Clock& clock, const UsageQuery& query) {
  TRY_STATUS(compile(query.where, Table::traces));
  const auto until = clock.steady() + query.patience;
  Result<UsageAnswer> out;
  TRY_STATUS(readers.with(query.patience + grace, [&](SQLite::Database& db) {
    db.exec("BEGIN");  // one moment: a row must not be in two sums, or in none
    try {
      out = answer(db, query, clock.wall(), [&] { return clock.steady() > until; });
    } catch (...) {
      db.tryExec("COMMIT");
      throw;
    }
    db.exec("COMMIT");
  }));
  return out;
}

}  // namespace routerone::store
