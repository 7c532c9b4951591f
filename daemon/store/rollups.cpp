#include "daemon/store/rollups.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <array>

namespace routerone::store {
namespace {

constexpr std::size_t most_known_groups = 4'096;
constexpr std::int64_t all_groups = 0;

std::int64_t quarter_at(std::int64_t micros) {
  return micros / micros_a_quarter - (micros % micros_a_quarter < 0 ? 1 : 0);
}

std::int64_t day_of(std::int64_t quarter) {
  return quarter / quarters_a_day - (quarter % quarters_a_day < 0 ? 1 : 0);
}

std::string find_in(const char* table) {
  return std::string("SELECT ") + sums_columns + " FROM " + table +
         " WHERE period = ?1 AND whose = ?2";
}

std::string put_into(const char* table) {
  return std::string("INSERT OR REPLACE INTO ") + table + " (period, whose, " + sums_columns +
         ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
}

/// Sums of one table, added to what is there.
class Adder {
 public:
  Adder(SQLite::Database& db, const char* table)
      : find_(db, find_in(table)), put_(db, put_into(table)) {}

  void add(std::int64_t period, std::int64_t whose, UsageSums sums) {
    for (auto* statement : {&find_, &put_}) {
      statement->bind(1, period);
      statement->bind(2, whose);
    }
    if (find_.executeStep()) add_sums(sums, find_, 0);
    find_.reset();
    bind_sums(put_, 3, sums);
    put_.exec();
    put_.reset();
  }
  void reset() {
    find_.tryReset();
    put_.tryReset();
  }

 private:
  SQLite::Statement find_, put_;
};

std::array<const std::string*, 5> labels_of(const TraceRow& row) {
  return {&row.key_id, &row.key_name, &row.project, &row.provider, &row.model};
}

}  // namespace

struct Rollups::Statements {
  explicit Statements(SQLite::Database& db)
      : quarters(db, "usage_quarters"),
        days(db, "usage_days"),
        totals(db, "usage_totals"),
        find_group(db,
                   "SELECT id FROM usage_groups WHERE key_id = ?1 AND key_name = ?2 AND "
                   "project = ?3 AND provider = ?4 AND model = ?5"),
        add_group(db,
                  "INSERT INTO usage_groups (key_id, key_name, project, provider, model) "
                  "VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id") {}
  Adder quarters, days, totals;
  SQLite::Statement find_group, add_group;
};

std::int64_t quarter_of(WallTime at) { return quarter_at(micros_since_epoch(at)); }

UsageProgress usage_progress(SQLite::Database& db) {
  SQLite::Statement query(db, "SELECT filled, old, folded FROM usage_progress");
  UsageProgress progress;
  if (!query.executeStep()) return progress;
  progress.filled = query.getColumn(0).getInt64();
  progress.old = query.getColumn(1).getInt64();
  progress.folded = query.getColumn(2).getInt64();
  return progress;
}

Rollups::Rollups(SQLite::Database& db)
    : db_(db), statements_(std::make_unique<Statements>(db)), progress_(usage_progress(db)) {}

Rollups::~Rollups() = default;

/// Callers and models are few, so most are known; a name of all five tells which.
std::int64_t Rollups::group_of(const TraceRow& row) {
  name_.clear();
  for (const auto* label : labels_of(row)) {
    name_ += *label;
    name_ += '\0';
  }
  if (const auto known = groups_.find(name_); known != groups_.end()) return known->second;
  if (groups_.size() >= most_known_groups) groups_.clear();
  for (auto* statement : {&statements_->find_group, &statements_->add_group}) {
    int at = 0;
    for (const auto* label : labels_of(row)) statement->bindNoCopy(++at, *label);
    const bool found = statement->executeStep();
    const std::int64_t id = found ? statement->getColumn(0).getInt64() : 0;
    statement->reset();
    if (found) return groups_[name_] = id;
  }
  return all_groups;  // an insert that returns nothing: cannot be
}

UsageSums& Rollups::sums_at(const TraceRow& row) {
  return gathered_[{quarter_of(row.time), group_of(row)}];
}

void Rollups::add(const TraceRow& row) { sums_at(row).add(facts_of(row)); }

void Rollups::write() {
  for (const auto& [place, sums] : gathered_) {
    const auto [quarter, group] = place;
    statements_->quarters.add(quarter, group, sums);
    if (day_of(quarter) >= progress_.folded) continue;
    statements_->days.add(day_of(quarter), group, sums);
    statements_->totals.add(quarter, all_groups, sums);
  }
  gathered_.clear();
}

void Rollups::forget() {
  gathered_.clear();
  groups_.clear();
  for (auto* adder : {&statements_->quarters, &statements_->days, &statements_->totals})
    adder->reset();
  statements_->find_group.tryReset();
  statements_->add_group.tryReset();
}

void Rollups::reprice(std::int64_t sequence, const TraceRow& before, Money cost) {
  if (!progress_.covers(sequence)) return;
  UsageSums& sums = sums_at(before);
  sums.cost += cost - before.cost.value_or(Money{});
  if (!before.cost) --sums.unknown_cost;
}

bool Rollups::step(std::size_t most, WallTime now) {
  const UsageProgress before = progress_;
  try {
    SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
    const bool is_filling = progress_.filled < progress_.old;
    if (is_filling) fill(most);
    const bool folded = !is_filling && fold_day(now);
    if (is_filling || folded) {
      SQLite::Statement note(db_, "UPDATE usage_progress SET filled = ?1, folded = ?2");
      note.bind(1, progress_.filled);
      note.bind(2, progress_.folded);
      note.exec();
      transaction.commit();
    }
    return is_filling || folded;
  } catch (...) {
    progress_ = before;
    forget();
    throw;
  }
}

void Rollups::fill(std::size_t most) {
  SQLite::Statement rows(
      db_, std::string("SELECT sequence, time, key_id, key_name, project, provider, model, ") +
               facts_columns +
               " FROM traces WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3");
  rows.bind(1, progress_.filled);
  rows.bind(2, progress_.old);
  rows.bind(3, static_cast<std::int64_t>(most));
  std::size_t found = 0;
  TraceRow labels;
  for (; rows.executeStep(); ++found) {
    progress_.filled = rows.getColumn(0).getInt64();
    labels.time = wall_from_micros(rows.getColumn(1).getInt64());
    int at = 2;
    for (auto* label :
         {&labels.key_id, &labels.key_name, &labels.project, &labels.provider, &labels.model})
      label->assign(rows.getColumn(at++).getText());
    sums_at(labels).add(read_facts(rows, at));
  }
  if (found < most) progress_.filled = progress_.old;
  write();
}

/// The oldest day that is over and has something not summed up yet.
bool Rollups::fold_day(WallTime now) {
  SQLite::Statement next(db_, "SELECT min(period) FROM usage_quarters WHERE period >= ?1");
  next.bind(1, progress_.folded * quarters_a_day);
  if (!next.executeStep() || next.getColumn(0).isNull()) return false;
  const std::int64_t day = day_of(next.getColumn(0).getInt64());
  if (day >= day_of(quarter_of(now))) return false;
  next.reset();

  std::map<std::int64_t, UsageSums> groups, quarters;
  SQLite::Statement rows(db_, std::string("SELECT period, whose, ") + sums_columns +
                                  " FROM usage_quarters WHERE period >= ?1 AND period < ?2");
  rows.bind(1, day * quarters_a_day);
  rows.bind(2, (day + 1) * quarters_a_day);
  while (rows.executeStep()) {
    add_sums(quarters[rows.getColumn(0).getInt64()], rows, 2);
    add_sums(groups[rows.getColumn(1).getInt64()], rows, 2);
  }
  for (const auto& [group, sums] : groups) statements_->days.add(day, group, sums);
  for (const auto& [quarter, sums] : quarters) statements_->totals.add(quarter, all_groups, sums);
  progress_.folded = day + 1;
  return true;
}

}  // namespace routerone::store
