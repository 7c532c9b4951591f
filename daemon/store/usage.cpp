#include "daemon/store/usage.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <array>
#include <map>

#include "common/core/saturating.h"
#include "common/core/text.h"
#include "daemon/store/conditions.h"

namespace routerone::store {
namespace {

/// Longer than a list's: sums must see every row, and nobody can page them.
constexpr Millis longest{2'000};

struct Grouping {
  std::string_view name;
  const char* in_traces;
  const char* in_rollups;
};

constexpr std::array<Grouping, 8> groupings = {{
    {"model", "model", "model"},
    {"key", "key_name", "key_name"},
    {"project", "project", "project"},
    {"provider", "provider", "provider"},
    {"session", "session", "''"},
    {"client", "client", "''"},
    {"day", "strftime('%Y-%m-%d', time / 1000000, 'unixepoch')",
     "strftime('%Y-%m-%d', day * 86400, 'unixepoch')"},
    {"hour", "strftime('%Y-%m-%dT%H:00Z', time / 1000000, 'unixepoch')",
     "strftime('%Y-%m-%dT00:00Z', day * 86400, 'unixepoch')"},
}};

// A row counts at most 2^40 tokens here and its money is summed in two parts: sum() must not
// overflow over millions of rows, whatever a provider claimed.
constexpr const char* trace_sums = R"sql(
  count(*), sum(error <> ''),
  sum(min(ifnull(input, 0) + ifnull(input_audio, 0) + ifnull(input_image, 0), 1099511627776)),
  sum(min(ifnull(cache_read, 0) + ifnull(cache_read_audio, 0), 1099511627776)),
  sum(min(ifnull(cache_write_5m, 0) + ifnull(cache_write_1h, 0), 1099511627776)),
  sum(min(ifnull(output, 0) + ifnull(output_audio, 0) + ifnull(output_image, 0), 1099511627776)),
  sum(cost IS NULL), sum(ifnull(cost, 0) / 1000000), sum(ifnull(cost, 0) % 1000000)
FROM traces)sql";

constexpr const char* rollup_sums = R"sql(
  sum(requests), sum(errors), sum(min(input, 1125899906842624)),
  sum(min(cache_read, 1125899906842624)), sum(min(cache_write, 1125899906842624)),
  sum(min(output, 1125899906842624)),
  sum(unknown_cost), sum(cost / 1000000), sum(cost % 1000000)
FROM rollups)sql";

using Lines = std::map<std::vector<std::string>, UsageLine>;

Money money_of(std::int64_t millions, std::int64_t rest) {
  return {saturating_add(saturating_multiply(millions, 1'000'000), rest)};
}

void add_row(Lines& lines, SQLite::Statement& row, std::size_t groups) {
  int at = 0;
  std::vector<std::string> group;
  while (group.size() < groups) group.push_back(row.getColumn(at++).getString());
  UsageLine& line = lines[group];
  line.group = group;
  for (auto* sum : {&line.requests, &line.errors, &line.input_tokens, &line.cache_read_tokens,
                    &line.cache_write_tokens, &line.output_tokens, &line.unknown_cost})
    *sum = saturating_add(*sum, row.getColumn(at++).getInt64());
  const auto millions = row.getColumn(at++).getInt64();
  line.cost += money_of(millions, row.getColumn(at).getInt64());
}

void sum_table(SQLite::Database& db, const std::vector<const Grouping*>& groups, Table table,
               const Compiled& where, Lines& lines) {
  const bool traces = table == Table::traces;
  std::string sql = "SELECT ";
  for (const auto* group : groups) {
    sql += traces ? group->in_traces : group->in_rollups;
    sql += ", ";
  }
  sql += traces ? trace_sums : rollup_sums;
  sql += " WHERE " + where.sql;
  for (std::size_t i = 0; i < groups.size(); ++i)
    sql += (i == 0 ? " GROUP BY " : ", ") + std::to_string(i + 1);
  if (groups.empty()) sql += " HAVING count(*) > 0";
  SQLite::Statement statement(db, sql);
  bind(where, statement);
  while (statement.executeStep()) add_row(lines, statement, groups.size());
}

Result<std::vector<const Grouping*>> find_groups(const std::vector<std::string>& names) {
  std::vector<const Grouping*> found;
  for (const auto& name : names) {
    const auto group = std::find_if(groupings.begin(), groupings.end(),
                                    [&](const Grouping& g) { return g.name == name; });
    if (group == groupings.end())
      return fail(ErrorKind::invalid, "usage cannot be grouped by \"" + printable(name, 40) + "\"",
                  "group by model, key, project, provider, session, client, day or hour");
    found.push_back(&*group);
  }
  return found;
}

}  // namespace

Result<std::vector<UsageLine>> sum_usage(const Readers& readers,
                                         const std::vector<std::string>& group_by,
                                         const Query& query) {
  TRY(const auto groups, find_groups(group_by));
  TRY(const auto traces, compile(query.where, Table::traces));
  TRY(const auto rollups, compile(query.where, Table::rollups));
  Lines lines;
  TRY_STATUS(readers.with(longest, [&](SQLite::Database& db) {
    db.exec("BEGIN");  // one moment: a row must not be in both tables, or in none
    try {
      sum_table(db, groups, Table::traces, traces, lines);
      sum_table(db, groups, Table::rollups, rollups, lines);
    } catch (...) {
      db.tryExec("COMMIT");
      throw;
    }
    db.exec("COMMIT");
  }));
  std::vector<UsageLine> out;
  for (auto& [group, line] : lines) out.push_back(std::move(line));
  return out;
}

}  // namespace routerone::store
