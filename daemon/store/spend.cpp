#include "daemon/store/spend.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <map>

#include "common/core/saturating.h"
#include "daemon/exchange/limits.h"

namespace routerone::store {
namespace {

constexpr std::int64_t micros_a_minute = 60'000'000;

constexpr std::int64_t most_tokens = std::int64_t{1} << 50;

/// A class of tokens counts at most 2^50 here: SQLite would turn an overflow into a fraction.
constexpr const char* rows_after = R"sql(
SELECT sequence, key_id, project, time, latency_us, ifnull(cost, 0),
  attempts <> '[]' OR state = 'interrupted',
  min(ifnull(input, 0), 1125899906842624) + min(ifnull(cache_read, 0), 1125899906842624) +
  min(ifnull(cache_write_5m, 0), 1125899906842624) +
  min(ifnull(cache_write_1h, 0), 1125899906842624) + min(ifnull(output, 0), 1125899906842624) +
  min(ifnull(input_audio, 0), 1125899906842624) + min(ifnull(output_audio, 0), 1125899906842624) +
  min(ifnull(cache_read_audio, 0), 1125899906842624) +
  min(ifnull(input_image, 0), 1125899906842624) + min(ifnull(output_image, 0), 1125899906842624)
FROM traces WHERE sequence > ?1 ORDER BY sequence LIMIT ?2
)sql";

struct Sums {
  Money settled;
  std::int64_t requests = 0, tokens = 0;

  void add(const Sums& other) {
    settled += other.settled;
    requests = saturating_add(requests, other.requests);
    tokens = saturating_add(tokens, other.tokens);
  }
};

using Minutes = std::map<std::pair<std::int64_t, std::string>, Sums>;

std::int64_t minute_at(std::int64_t micros) { return micros / micros_a_minute; }

/// Rows that follow each other are mostly of one key and one minute: only their sum is put away.
class Gathering {
 public:
  explicit Gathering(Minutes& minutes) : minutes_(minutes) {}
  ~Gathering() { put_away(); }

  void add(std::int64_t minute, std::string_view key_id, std::string_view project,
           const Sums& sums) {
    if (minute != minute_ || key_id != key_id_ || project != project_) {
      put_away();
      minute_ = minute;
      key_id_ = key_id;
      project_ = project;
    }
    sums_.add(sums);
  }

 private:
  void put_away() {
    for (auto& scope : routerone::scopes_of(key_id_, project_))
      minutes_[{minute_, scope}].add(sums_);
    sums_ = {};
  }

  Minutes& minutes_;
  std::int64_t minute_ = 0;
  std::string key_id_, project_;
  Sums sums_;
};

/// Adds up to `most` rows behind `sequence`; the last one's sequence.
std::int64_t add_rows(SQLite::Database& db, std::int64_t sequence, std::int64_t most,
                      Minutes& minutes) {
  Gathering gathering(minutes);
  SQLite::Statement rows(db, rows_after);
  rows.bind(1, sequence);
  rows.bind(2, most);
  while (rows.executeStep()) {
    sequence = rows.getColumn(0).getInt64();
    const auto ended = saturating_add(rows.getColumn(3).getInt64(), rows.getColumn(4).getInt64());
    gathering.add(minute_at(ended), rows.getColumn(1).getText(), rows.getColumn(2).getText(),
                  {Money{rows.getColumn(5).getInt64()}, rows.getColumn(6).getInt64(),
                   rows.getColumn(7).getInt64()});
  }
  return sequence;
}

Sums read_sums(SQLite::Statement& row, int first) {
  return {Money{row.getColumn(first).getInt64()}, row.getColumn(first + 1).getInt64(),
          row.getColumn(first + 2).getInt64()};
}

void write_minutes(SQLite::Database& db, const Minutes& minutes) {
  SQLite::Statement find(
      db, "SELECT settled, requests, tokens FROM spend_minutes WHERE minute = ?1 AND scope = ?2");
  SQLite::Statement put(db, "INSERT OR REPLACE INTO spend_minutes VALUES (?1, ?2, ?3, ?4, ?5)");
  for (const auto& [place, added] : minutes) {
    Sums sums = added;
    for (auto* statement : {&find, &put}) {
      statement->bind(1, place.first);
      statement->bind(2, place.second);
    }
    if (find.executeStep()) sums.add(read_sums(find, 0));
    find.reset();
    put.bind(3, sums.settled.picousd);
    put.bind(4, sums.requests);
    put.bind(5, sums.tokens);
    put.exec();
    put.reset();
  }
}

}  // namespace

std::int64_t minute_of(WallTime at) { return minute_at(micros_since_epoch(at)); }

WallTime start_of(std::int64_t minute) { return wall_from_micros(minute * micros_a_minute); }

std::int64_t settled_minute(const TraceRow& row) {
  return minute_at(saturating_add(micros_since_epoch(row.time), row.latency.count()));
}

bool was_sent(const TraceRow& row) {
  return !row.attempts.empty() || row.state == FinalState::interrupted;
}

std::int64_t tokens_of(const Usage& usage) {
  std::int64_t sum = 0;
  for (const auto& count :
       {usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.output,
        usage.input_audio, usage.output_audio, usage.cache_read_audio, usage.input_image,
        usage.output_image})
    sum = saturating_add(sum, std::min(count.value_or(0), most_tokens));
  return sum;
}

std::vector<std::string> scopes_of(const TraceRow& row) {
  return routerone::scopes_of(row.key_id, row.project);
}

std::int64_t summed_up_to(SQLite::Database& db) {
  SQLite::Statement query(db, "SELECT sequence FROM spend_summed");
  return query.executeStep() ? query.getColumn(0).getInt64() : 0;
}

std::int64_t sum_minutes_step(SQLite::Database& db, std::size_t most) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  Minutes minutes;
  const auto from = summed_up_to(db);
  const auto to = add_rows(db, from, static_cast<std::int64_t>(most), minutes);
  if (to == from) return from;
  write_minutes(db, minutes);
  SQLite::Statement mark(db, "UPDATE spend_summed SET sequence = ?1");
  mark.bind(1, to);
  mark.exec();
  transaction.commit();
  return to;
}

std::vector<SpendMinute> read_spend(SQLite::Database& db, WallTime since) {
  SQLite::Transaction one_moment(db);  // the marker must fit the minutes
  const std::int64_t first = minute_of(since);
  std::vector<SpendMinute> found;
  SQLite::Statement summed(db,
                           "SELECT scope, minute, settled, requests, tokens FROM spend_minutes "
                           "WHERE minute >= ?1");
  summed.bind(1, first);
  while (summed.executeStep()) {
    const Sums sums = read_sums(summed, 2);
    found.push_back({summed.getColumn(0).getString(), summed.getColumn(1).getInt64(), sums.settled,
                     sums.requests, sums.tokens});
  }
  Minutes later;
  add_rows(db, summed_up_to(db), -1, later);
  for (const auto& [place, sums] : later)
    if (place.first >= first)
      found.push_back({place.second, place.first, sums.settled, sums.requests, sums.tokens});

  SQLite::Statement corrections(db, "SELECT scope, time, amount FROM corrections WHERE time >= ?1");
  corrections.bind(1, first * micros_a_minute);
  while (corrections.executeStep())
    found.push_back({corrections.getColumn(0).getString(),
                     minute_at(corrections.getColumn(1).getInt64()),
                     Money{corrections.getColumn(2).getInt64()}, 0, 0});
  return found;
}

void prune_minutes_step(SQLite::Database& db, WallTime cutoff) {
  SQLite::Statement remove(
      db,
      "DELETE FROM spend_minutes WHERE minute IN (SELECT DISTINCT minute FROM spend_minutes "
      "WHERE minute < ?1 ORDER BY minute LIMIT 4)");
  remove.bind(1, minute_of(cutoff));
  remove.exec();
}

void correct_minute(SQLite::Database& db, const std::string& scope, std::int64_t minute, Money by) {
  write_minutes(db, {{{minute, scope}, Sums{by, 0, 0}}});
}

}  // namespace routerone::store
