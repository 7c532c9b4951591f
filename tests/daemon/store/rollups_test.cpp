#include "daemon/store/rollups.h"

#include <rapidcheck.h>

#include <ctime>
#include <map>

#include "daemon/store/row.h"
#include "daemon/store/schema.h"
#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;
using Op = Condition::Op;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

using Counts = std::vector<std::int64_t>;
using Lines = std::map<std::vector<std::string>, Counts>;

Condition text_is(const char* column, Op op, std::string text) {
  return {column, op, false, 0, std::move(text)};
}
Condition since(WallTime at) {
  return {"time", Op::greater_equal, true, micros_since_epoch(at), ""};
}
Condition until(WallTime at) { return {"time", Op::less, true, micros_since_epoch(at), ""}; }

/// What was committed, so that any usage can be told by a naive count.
struct Kept {
  TraceRow row;
  bool pruned = false;

  /// Where a row counts that is no more: where its quarter of an hour begins.
  WallTime time() const {
    return pruned ? wall_from_micros(quarter_of(row.time) * micros_a_quarter) : row.time;
  }
};

struct Asked {
  std::vector<std::string> by;
  std::vector<Condition> where;
  seconds east{0};
};

std::string label(const Kept& kept, const std::string& by, seconds east) {
  const TraceRow& row = kept.row;
  if (by == "model") return row.model;
  if (by == "key") return row.key_name;
  if (by == "project") return row.project;
  if (by == "provider") return row.provider;
  if (by == "session") return kept.pruned ? "" : row.session;
  if (by == "client") return kept.pruned ? "" : row.client;
  const std::time_t local =
      std::chrono::floor<seconds>(kept.time() + east).time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&local, &parts);
  char text[40];
  std::strftime(text, sizeof text, by == "day" ? "%Y-%m-%d" : "%Y-%m-%dT%H:00", &parts);
  if (by == "day") return text;
  if (east.count() == 0) return std::string(text) + "Z";
  const auto quarters = std::abs(east.count()) / 900;
  char zone[80];
  std::snprintf(zone, sizeof zone, "%s%c%02d:%02d", text, east.count() < 0 ? '-' : '+',
                static_cast<int>(quarters / 4), static_cast<int>(quarters % 4 * 15));
  return zone;
}

bool fits(const Kept& kept, const Condition& condition) {
  const auto time = micros_since_epoch(kept.time());
  if (condition.column == "time" && condition.op == Op::less) return time < condition.number;
  if (condition.column == "time") return time >= condition.number;
  if (condition.column == "key") return kept.row.key_name == condition.text;
  if (condition.column == "model") return kept.row.model == condition.text;
  if (condition.column == "project") return kept.row.project != condition.text;
  if (kept.pruned) return false;  // no roll-up has the columns below
  if (condition.column == "session") return kept.row.session == condition.text;
  return kept.row.status >= condition.number;
}

Lines counted(const std::vector<Kept>& all, const Asked& asked) {
  Lines lines;
  for (const Kept& kept : all) {
    if (!std::all_of(asked.where.begin(), asked.where.end(),
                     [&](const Condition& c) { return fits(kept, c); }))
      continue;
    std::vector<std::string> group;
    for (const auto& by : asked.by) group.push_back(label(kept, by, asked.east));
    Counts& line = lines[group];
    line.resize(8);
    const auto& usage = kept.row.usage;
    ++line[0];
    line[1] += kept.row.error.empty() ? 0 : 1;
    line[2] += usage.input.value_or(0) + usage.input_audio.value_or(0);
    line[3] += usage.cache_read.value_or(0);
    line[4] += usage.cache_write_5m.value_or(0);
    line[5] += usage.output.value_or(0);
    line[6] += kept.row.cost ? 0 : 1;
    line[7] += kept.row.cost.value_or(Money{}).picousd;
  }
  return lines;
}

Lines told(const TraceStore& store, const Asked& asked, int parts) {
  UsageQuery query;
  query.by = asked.by;
  query.where = asked.where;
  query.patience = Millis(60'000);
  query.parts = parts;
  if (asked.east.count() != 0) query.offset = [east = asked.east](WallTime) { return east; };
  const auto answer = store.usage(query);
  RC_ASSERT(answer.has_value());
  RC_ASSERT(answer->complete);
  Lines lines;
  for (const auto& line : answer->lines) {
    lines[line.group] = {
        line.requests,           line.errors,        line.input_tokens, line.cache_read_tokens,
        line.cache_write_tokens, line.output_tokens, line.unknown_cost, line.cost.picousd};
    RC_ASSERT(line.parts.size() == static_cast<std::size_t>(parts));
    UsagePart sum;
    for (const auto& part : line.parts) {
      sum.cost += part.cost;
      sum.requests += part.requests;
    }
    if (parts > 0) {
      RC_ASSERT(sum.cost == line.cost);
      RC_ASSERT(sum.requests == line.requests);
    }
  }
  return lines;
}

/// A store, and what it was told.
struct Story : Fixture {
  MovedClock clock;
  std::vector<Kept> all;
  WallTime pruned_before = wall_from_micros(0);

  Story() { options.retention_every = Millis(5); }
  ~Story() { store.reset(); }  // it looks at the clock to its end

  TraceRow random_row() {
    TraceRow made = row(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000));
    made.time = clock.wall() - minutes(*rc::gen::inRange(0, 60 * 24 * 4)) -
                microseconds(*rc::gen::inRange(0, 60'000'000));
    made.time = std::max(made.time, pruned_before);
    made.id = make_uuid_v7(made.time, random);
    made.key_name = *rc::gen::element<std::string>("ci", "laptop");
    made.key_id = "id-of-" + made.key_name;
    made.project = *rc::gen::element<std::string>("default", "web");
    made.model = *rc::gen::element<std::string>("lab/one", "lab/two");
    made.session = *rc::gen::element<std::string>("s1", "s2", "");
    made.client = *rc::gen::element<std::string>("codex", "curl");
    if (*rc::gen::inRange(0, 4) == 0) {
      made.error = "overloaded";
      made.status = 503;
    }
    if (*rc::gen::inRange(0, 5) == 0) made.cost.reset();
    if (*rc::gen::inRange(0, 3) == 0) made.usage.cache_write_5m = 7;
    made.usage.cache_read = *rc::gen::inRange(0, 500);
    made.usage.input_audio = *rc::gen::inRange(0, 3);
    if (*rc::gen::inRange(0, 4) == 0) made.state = FinalState::interrupted;
    return made;
  }
  void commit_some() {
    const int count = *rc::gen::inRange(1, 30);
    for (int i = 0; i < count; ++i) {
      all.push_back({random_row(), false});
      const auto record = record_of(all.back().row);
      if (i + 1 < count)
        store->submit(record, nullptr);
      else
        RC_ASSERT(commit(record));
    }
  }
  void reconcile_some() {
    std::vector<TraceStore::Actual> actuals;
    for (auto& kept : all) {
      if (kept.pruned || *rc::gen::inRange(0, 4) != 0) continue;
      kept.row.cost = Money{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000)};
      actuals.push_back({kept.row.id, *kept.row.cost});
    }
    RC_ASSERT(store->reconcile(actuals, false).has_value());
  }
  /// At the beginning of a quarter, so that none is pruned in part.
  void prune() {
    const auto before = wall_from_micros(
        quarter_of(clock.wall() - hours(*rc::gen::inRange(0, 96))) * micros_a_quarter);
    const auto pruned = store->prune(before, Millis(60'000));
    RC_ASSERT(pruned.has_value());
    pruned_before = std::max(pruned_before, before);
    std::int64_t due = 0;
    for (auto& kept : all)
      if (!std::exchange(kept.pruned, kept.pruned || kept.row.time < before) && kept.pruned) ++due;
    RC_ASSERT(pruned->rows == due);
  }

  Asked random_question() {
    Asked asked;
    const std::vector<std::vector<std::string>> groupings = {{},
                                                             {"key"},
                                                             {"provider", "model"},
                                                             {"day"},
                                                             {"hour"},
                                                             {"hour", "key"},
                                                             {"day", "model"},
                                                             {"session"},
                                                             {"client", "project"},
                                                             {"session", "day"}};
    asked.by = *rc::gen::elementOf(groupings);
    asked.east = seconds(900 * *rc::gen::element(0, 0, 4, 22, 23, -14));
    const auto moment = [&] {
      return clock.wall() - microseconds(*rc::gen::inRange<std::int64_t>(0, 96ll * 3'600'000'000));
    };
    if (*rc::gen::arbitrary<bool>()) asked.where.push_back(since(moment()));
    if (*rc::gen::arbitrary<bool>()) asked.where.push_back(until(moment()));
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        asked.where.push_back(text_is("key", Op::equal, "ci"));
        break;
      case 1:
        asked.where.push_back(text_is("model", Op::equal, "lab/one"));
        asked.where.push_back(text_is("project", Op::not_equal, "web"));
        break;
      case 2:
        asked.where.push_back(text_is("session", Op::equal, "s1"));
        break;
      case 3:
        asked.where.push_back({"status", Op::greater_equal, true, 500, ""});
        break;
      default:
        break;
    }
    return asked;
  }

  void check() {
    for (int i = 0; i < 4; ++i) {
      const Asked asked = random_question();
      const bool by_rows = std::any_of(asked.by.begin(), asked.by.end(),
                                       [](auto& by) { return by == "session" || by == "client"; });
      const int parts = by_rows ? 0 : *rc::gen::element(0, 3, 24);
      RC_ASSERT(told(*store, asked, parts) == counted(all, asked));
    }
  }
};

}  // namespace

TEST_CASE("usage is what a naive count says, whatever is committed, reconciled, pruned, reopened") {
  CHECK(rc::check([] {
    Story story;
    RC_ASSERT(story.open(&story.clock).has_value());
    for (int step = *rc::gen::inRange(2, 12); step > 0; --step) {
      switch (*rc::gen::inRange(0, 7)) {
        case 0:
          RC_ASSERT(story.open(&story.clock).has_value());
          break;
        case 1:
          story.clock.days += *rc::gen::inRange(0, 3);
          break;
        case 2:
          story.reconcile_some();
          break;
        case 3:
          story.prune();
          break;
        default:
          story.commit_some();
      }
      story.check();
    }
    // The ledger too, to the picodollar.
    std::int64_t cost = 0;
    for (const auto& [group, line] : told(*story.store, {}, 0)) cost += line[7];
    RC_ASSERT(cost == story.store->settled()["wallet"].picousd);
  }));
}

TEST_CASE("days that are over are summed up once more, and what comes late is in them") {
  Story story;
  REQUIRE(story.open(&story.clock).has_value());
  const auto commit_at = [&](WallTime time) {
    TraceRow made = story.row(5);
    made.time = time;
    story.all.push_back({made, false});
    REQUIRE(story.commit(story.record_of(made)));
  };
  const WallTime now = story.clock.wall();
  for (int day = 5; day >= 0; --day) commit_at(now - hours(24 * day));
  const auto today = quarter_of(now) / quarters_a_day;
  REQUIRE(eventually([&] { return story.number("SELECT folded FROM usage_progress") == today; }));
  CHECK(story.number("SELECT count(*) FROM usage_days") == 5);
  commit_at(now - hours(24 * 3));
  CHECK(story.number("SELECT sum(requests) FROM usage_days") == 6);
  CHECK(story.number("SELECT sum(requests) FROM usage_totals") == 6);
  CHECK(story.number("SELECT sum(requests) FROM usage_quarters") == 7);
  for (const auto& by : {std::vector<std::string>{}, {"key"}, {"day"}, {"hour"}})
    CHECK(told(*story.store, {by, {}, {}}, 0) == counted(story.all, {by, {}, {}}));
}

TEST_CASE("a quarter of an hour of which rows were deleted counts where it begins") {
  Story story;
  story.clock.days = 2;
  REQUIRE(story.open(&story.clock).has_value());
  const WallTime start = wall_from_micros(quarter_of(story.system.wall()) * micros_a_quarter);
  for (const int minute : {1, 3, 12, 20}) {
    TraceRow made = story.row(1);
    made.time = start + minutes(minute);
    REQUIRE(story.commit(story.record_of(made)));
  }
  REQUIRE(story.store->prune(start + minutes(5), Millis(60'000))->rows == 2);
  const auto requests = [&](std::vector<Condition> where) {
    const auto lines = story.store->usage({}, {.where = std::move(where)});
    return lines->empty() ? 0 : lines->front().requests;
  };
  CHECK(requests({}) == 4);
  CHECK(requests({since(start)}) == 4);
  CHECK(requests({since(start + minutes(2))}) == 1);
  CHECK(requests({until(start + minutes(2))}) == 3);
  CHECK(requests({since(start + minutes(6)), until(start + minutes(9))}) == 0);
  CHECK(requests({since(start + minutes(16))}) == 1);  // that quarter has all its rows
  CHECK(requests({until(start + minutes(16))}) == 3);
}

TEST_CASE("a large database of version 3 opens at once, and usage is right while roll-ups grow") {
  Story story;
  story.options.retention_every = Millis(60'000);  // nothing is done by itself in the meantime
  constexpr int rows = 3'000;
  {
    SQLite::Database db(story.options.database.string(),
                        SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
    for (int next = 0; next < 3; ++next) db.exec(migration_texts()[static_cast<std::size_t>(next)]);
    db.exec(
        "INSERT INTO rollups VALUES (19000, 'k', 'old', 'default', 'p', 'lab/old', "
        "4, 1, 40, 0, 0, 8, 77, 0)");
    db.exec("BEGIN");
    SQLite::Statement insert(db, insert_row_sql);
    for (int i = 1; i <= rows; ++i) {
      TraceRow made = story.row(i);
      made.time = story.clock.wall() - minutes(i);
      made.key_name = i % 3 == 0 ? "ci" : "laptop";
      bind_row(insert, i, made);
      insert.exec();
      insert.reset();
      story.all.push_back({made, false});
    }
    db.exec("COMMIT");
  }
  REQUIRE(story.open(&story.clock).has_value());
  CHECK(story.number("SELECT old FROM usage_progress") == rows);
  CHECK(story.number("SELECT count(*) FROM usage_quarters") == 0);
  const auto check = [&] {
    for (const Asked& asked :
         {Asked{{"key"}, {since(story.clock.wall() - hours(30))}, {}}, Asked{{"hour"}, {}, {}},
          Asked{{"day", "key"}, {until(story.clock.wall() - hours(3))}, seconds(19'800)}}) {
      auto lines = counted(story.all, asked);
      auto got = told(*story.store, asked, 0);
      std::erase_if(got, [](auto& line) { return line.first.front().starts_with("2022-"); });
      CHECK(got == lines);
    }
    CHECK(told(*story.store, {{}, {}, {}}, 0)[{}][7] ==
          counted(story.all, {{}, {}, {}})[{}][7] + 77);  // what was pruned before
  };
  check();
  TraceRow more = story.row(1'000'000);
  story.all.push_back({more, false});
  REQUIRE(story.commit(story.record_of(more)));
  check();
  REQUIRE(story.store->reconcile({{story.all[10].row.id, Money{999}}, {more.id, Money{5}}}, false));
  story.all[10].row.cost = Money{999};
  story.all.back().row.cost = Money{5};
  check();
  // Deleting makes the roll-ups first.
  REQUIRE(story.store->prune(wall_from_micros(0), Millis(60'000)).has_value());
  CHECK(story.number("SELECT filled FROM usage_progress") == rows);
  CHECK(story.number("SELECT sum(requests) FROM usage_quarters") == rows + 1);
  check();
}

TEST_CASE("percentiles of time are told for requests without an error") {
  Fixture f;
  REQUIRE(f.open().has_value());
  for (int i = 1; i <= 100; ++i) {
    auto record = f.record();
    record.row.latency = std::chrono::milliseconds(10 * i);
    record.row.ttft = std::chrono::milliseconds(i);
    f.store->submit(record, nullptr);
    record = f.record();
    record.row.error = "overloaded";
    record.row.latency = std::chrono::hours(1);
    REQUIRE(f.commit(record));
  }
  UsageQuery query;
  const auto answer = f.store->usage(query);
  REQUIRE(answer->lines.size() == 1);
  const UsageLine& line = answer->lines.front();
  const auto near = [](auto told, microseconds right) {
    return told && std::abs((*told - right).count()) * 20 <= right.count();
  };
  CHECK(near(line.latency_p50, std::chrono::milliseconds(500)));
  CHECK(near(line.latency_p95, std::chrono::milliseconds(950)));
  CHECK(near(line.ttft_p50, std::chrono::milliseconds(50)));
  CHECK(near(line.ttft_p95, std::chrono::milliseconds(95)));
}

TEST_CASE("a usage that only rows tell says when there was no time for all of them") {
  struct Hasty final : Clock {
    mutable std::atomic<std::int64_t> millis{0};
    std::atomic<std::int64_t> step{30};  // each time it is looked at
    WallTime wall() const override { return SystemClock().wall(); }
    SteadyTime steady() const override { return SteadyTime(Millis(millis += step)); }
  };
  Hasty clock;
  Fixture f;
  REQUIRE(f.open(&clock).has_value());
  for (int i = 0; i < 5'000; ++i) {
    auto record = f.record();
    record.row.session = "s" + std::to_string(i % 4);
    f.store->submit(std::move(record), nullptr);
  }
  REQUIRE(eventually([&] { return f.store->newest_sequence() == 5'000; }));
  UsageQuery query;
  query.by = {"session"};
  query.patience = Millis(60);
  auto answer = f.store->usage(query);
  REQUIRE(answer.has_value());
  CHECK_FALSE(answer->complete);
  std::int64_t requests = 0;
  for (const auto& line : answer->lines) requests += line.requests;
  CHECK(requests > 0);
  CHECK(requests < 5'000);
  clock.step = 1'500;  // more than half of what is usual
  CHECK(f.store->usage({"session"}, {}).has_value() == false);
  query.by = {"key"};
  answer = f.store->usage(query);
  CHECK(answer->complete);
  CHECK(answer->lines.front().requests == 5'000);
}
