// What look-ups in a database of trace_fill cost: trace_lookups FOLDER. Prints the median of each,
// beside what the plainest queries of the same file cost in the same run. Asserts nothing.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <vector>

#include "daemon/store/trace_store.h"

namespace {

using namespace routerone;
using store::Condition;
using Op = Condition::Op;

/// Medians: of the time gone by, and of the processor's, which a busy machine does not stretch.
struct Took {
  double ms = 0, cpu_ms = 0;
};

Took median_of(int runs, const std::function<void()>& body) {
  const SystemClock clock;
  std::vector<double> wall, cpu;
  for (int i = 0; i < runs; ++i) {
    const auto start = clock.steady();
    const std::clock_t used = std::clock();
    body();
    cpu.push_back(static_cast<double>(std::clock() - used) * 1'000 / CLOCKS_PER_SEC);
    wall.push_back(std::chrono::duration<double, std::milli>(clock.steady() - start).count());
  }
  std::sort(wall.begin(), wall.end());
  std::sort(cpu.begin(), cpu.end());
  return {wall[wall.size() / 2], cpu[cpu.size() / 2]};
}

Condition text_is(const char* column, Op op, std::string text) {
  return {column, op, false, 0, std::move(text)};
}
Condition number_is(const char* column, Op op, std::int64_t number) {
  return {column, op, true, number, ""};
}

template <class Answer>
Answer got(Result<Answer> result) {
  if (result) return *std::move(result);
  std::printf("  %s\n", result.error().message.c_str());
  return {};
}

struct LookUp {
  const char* name;
  std::vector<Condition> where;
};

std::string first_text(SQLite::Database& db, const std::string& sql) {
  SQLite::Statement query(db, sql);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

void print_sizes(SQLite::Database& db, double rows) {
  const double bytes = std::stod(first_text(db, "PRAGMA page_count")) *
                       std::stod(first_text(db, "PRAGMA page_size"));
  std::printf("%.0f rows, %.2f GB: %.1f bytes a trace, of these\n", rows, bytes / 1e9,
              bytes / rows);
  SQLite::Statement parts(db, "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC");
  while (parts.executeStep())
    if (parts.getColumn(1).getDouble() / rows >= 0.05)
      std::printf("  %-34s %8.1f\n", parts.getColumn(0).getText(),
                  parts.getColumn(1).getDouble() / rows);
}

void print_lists(const store::TraceStore& traces, const std::vector<LookUp>& lookups) {
  std::printf("%-44s %9s %7s %6s %9s\n", "traces list (50, newest first)", "ms", "CPU ms", "rows",
              "rows read");
  for (const auto& [name, where] : lookups) {
    store::Query query;
    query.where = where;
    store::TracePage page;
    const auto [ms, cpu] = median_of(9, [&] { page = got(traces.page(query, Millis(250))); });
    std::printf("  %-42s %9.2f %7.2f %6zu %9lld%s\n", name, ms, cpu, page.traces.size(),
                static_cast<long long>(page.rows_read), page.out_of_time ? "  cursor" : "");
  }
}

void print_usage(const store::TraceStore& traces, WallTime now) {
  std::printf("%-44s %9s %7s %6s\n", "usage", "ms", "CPU ms", "lines");
  const auto since = [&](int hours, int minutes) {
    return number_is(
        "time", Op::greater_equal,
        micros_since_epoch(now - std::chrono::hours(hours) - std::chrono::minutes(minutes)));
  };
  const std::vector<std::pair<const char*, std::vector<Condition>>> ranges = {
      {"all", {}},
      {"90 days", {since(24 * 90, 7)}},
      {"7 days", {since(24 * 7, 7)}},
      {"a day", {since(24, 7)}}};
  for (const char* by : {"key", "project", "model", "provider", "hour", "day", ""})
    for (const auto& [range, where] : ranges) {
      store::UsageQuery query;
      if (*by) query.by = {by};
      query.where = where;
      store::UsageAnswer answer;
      const auto [ms, cpu] = median_of(9, [&] { answer = got(traces.usage(query)); });
      std::printf("  by %-12s %-26s %9.2f %7.2f %6zu%s\n", *by ? by : "nothing", range, ms, cpu,
                  answer.lines.size(), answer.complete ? "" : "  incomplete");
    }
}

void print_special_usage(const store::TraceStore& traces) {
  const auto print = [&](const char* name, const store::UsageQuery& query) {
    store::UsageAnswer answer;
    const auto [ms, cpu] = median_of(3, [&] { answer = got(traces.usage(query)); });
    std::printf("  %-42s %9.2f %7.2f %6zu%s\n", name, ms, cpu, answer.lines.size(),
                answer.complete ? "" : "  incomplete");
  };
  store::UsageQuery query;
  query.offset = [](WallTime) { return std::chrono::seconds(19'800); };
  query.by = {"day"};
  print("by day, +05:30", query);
  query.by = {"day", "key"};
  print("by day and key, +05:30", query);
  query.by = {"key"};
  query.parts = 24;
  print("by key in 24 parts", query);
  query.parts = 0;
  query.by = {"session"};
  print("by session", query);
}

void print_baseline(SQLite::Database& db, std::int64_t newest) {
  std::printf("%-44s %9s %7s\n", "baseline, bare SQLite on the same file", "ms", "CPU ms");
  const auto print = [&](const char* name, int runs, const std::string& sql) {
    const auto [ms, cpu] = median_of(runs, [&] {
      SQLite::Statement query(db, sql);
      while (query.executeStep()) {
      }
    });
    std::printf("  %-42s %9.2f %7.2f\n", name, ms, cpu);
  };
  print("the newest 50 rows", 9, "SELECT * FROM traces ORDER BY sequence DESC LIMIT 50");
  print("50 rows, each by its number", 9,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50) "
        "SELECT t.* FROM n JOIN traces t ON t.sequence = " +
            std::to_string(newest) + " - i * 997");
  print("count(*) of all", 1, "SELECT count(*) FROM traces");
  print("usage by model from all rows", 1,
        "SELECT model, count(*), sum(cost), sum(input), sum(output) FROM traces GROUP BY model");
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc < 2) return std::fputs("trace_lookups FOLDER\n", stderr), 2;
  const SystemClock clock;
  store::StoreOptions options;
  options.database = std::filesystem::path(argv[1]) / "routerone.db";
  options.spend_floor = std::filesystem::path(argv[1]) / "spend-floor";
  options.retention_days = 100'000;
  options.retention_bytes = UINT64_MAX;
  auto opened = store::TraceStore::open(options, clock);
  if (!opened) return std::fprintf(stderr, "%s\n", opened.error().message.c_str()), 1;
  const store::TraceStore& traces = **opened;
  SQLite::Database db(options.database.string(), SQLite::OPEN_READONLY);
  const std::int64_t newest = traces.newest_sequence();
  const auto at = [&](std::int64_t sequence, const char* column) {
    return first_text(db, std::string("SELECT ") + column + " FROM traces WHERE sequence >= " +
                              std::to_string(sequence) + " LIMIT 1");
  };
  const std::string session = at(newest / 3, "session"), id = at(newest / 5, "id");
  print_lists(traces,
              {{"no filter", {}},
               {"id", {text_is("id", Op::equal, id)}},
               {"id, its beginning", {text_is("id", Op::glob, id.substr(0, 18) + "*")}},
               {"key", {text_is("key", Op::equal, "key-7")}},
               {"model", {text_is("model", Op::glob, "model-9")}},
               {"model, several", {text_is("model", Op::glob, "lab-4/*")}},
               {"provider", {text_is("provider", Op::equal, "provider-4")}},
               {"session, long ago", {text_is("session", Op::equal, session)}},
               {"status = 402", {number_is("status", Op::equal, 402)}},
               {"status >= 500", {number_is("status", Op::greater_equal, 500)}},
               {"status = 418, of none", {number_is("status", Op::equal, 418)}},
               {"since 2h",
                {number_is("time", Op::greater_equal,
                           micros_since_epoch(clock.wall() - std::chrono::hours(2)))}},
               {"until 90 days ago",
                {number_is("time", Op::less,
                           micros_since_epoch(clock.wall() - std::chrono::hours(24 * 90)))}},
               {"key and another key's session",
                {text_is("key", Op::equal, "no-key"), text_is("session", Op::equal, session)}},
               {"key, model, status, project, of none",
                {text_is("key", Op::equal, "key-7"), text_is("model", Op::glob, "*model-9"),
                 number_is("status", Op::equal, 200), text_is("project", Op::equal, "default")}},
               {"error, route",
                {text_is("error", Op::glob, "over*"), text_is("route", Op::equal, "fallback")}},
               {"cost > 0.20", {number_is("cost", Op::greater, 200'000'000'000)}},
               {"cost > 5, of none", {number_is("cost", Op::greater, 5'000'000'000'000)}}});
  print_usage(traces, clock.wall());
  print_special_usage(traces);
  print_baseline(db, newest);
  print_sizes(db, static_cast<double>(newest));
}
