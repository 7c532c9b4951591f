#include "daemon/store/spend.h"

#include <rapidcheck.h>

#include "daemon/store/pruning.h"
#include "daemon/store/schema.h"
#include "daemon/store/spend_floor.h"
#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;

namespace {

struct Sums {
  std::int64_t settled = 0, requests = 0, tokens = 0;
  bool operator==(const Sums&) const = default;
};
using Spend = std::map<std::pair<std::string, std::int64_t>, Sums>;

/// One entry a scope and minute; those in which nothing was are left out.
Spend gathered(const std::vector<SpendMinute>& minutes) {
  Spend spend;
  for (const auto& minute : minutes) {
    auto& sums = spend[{minute.scope, minute.minute}];
    sums.settled += minute.settled.picousd;
    sums.requests += minute.requests;
    sums.tokens += minute.tokens;
  }
  std::erase_if(spend, [](const auto& entry) { return entry.second == Sums{}; });
  return spend;
}

Spend spend_since(Fixture& f, WallTime since) {
  const auto minutes = f.store->spend_since(since);
  REQUIRE(minutes.has_value());
  return gathered(*minutes);
}

TraceRow sent_row(Fixture& f, WallTime time, std::int64_t cost) {
  TraceRow row = f.row(cost);
  row.time = time;
  row.attempts = {{.provider = "openai", .upstream_model = "m", .status = 200}};
  return row;
}

std::int64_t summed(const Fixture& f) { return f.number("SELECT sequence FROM spend_summed"); }

const auto forever_ago = wall_from_micros(0);

}  // namespace

TEST_CASE("spend is told by the minute in which it was settled, in each scope, summed or not") {
  Fixture f;
  REQUIRE(f.open().has_value());
  const auto noon = wall_from_micros(1'795'176'000'000'000);
  const auto minute = minute_of(noon);
  TraceRow row = sent_row(f, noon, 7);
  REQUIRE(f.commit(Fixture::record_of(row)));
  row = sent_row(f, noon + std::chrono::seconds(50), 5);
  row.latency = std::chrono::seconds(20);  // ended in the next minute
  row.usage.cache_read = 3;
  row.usage.reasoning = 2;  // of the output
  REQUIRE(f.commit(Fixture::record_of(row)));
  row = f.row(0);  // refused: never sent
  row.time = noon;
  row.usage = {};
  row.state = FinalState::refused;
  REQUIRE(f.commit(Fixture::record_of(row)));
  row.id[0] = '9';  // of a caller nobody knows
  row.key_id.clear();
  REQUIRE(f.commit(Fixture::record_of(row)));

  Spend expected;
  for (const char* scope : {"key:key-1", "project:default", "wallet"}) {
    expected[{scope, minute}] = {7, 1, 15};
    expected[{scope, minute + 1}] = {5, 1, 18};
  }
  CHECK(spend_since(f, forever_ago) == expected);
  CHECK(summed(f) == 0);
  f.options.retention_every = Millis(10);
  REQUIRE(f.open().has_value());
  CHECK(eventually([&] { return summed(f) == 4; }));
  CHECK(spend_since(f, forever_ago) == expected);
  CHECK(f.number("SELECT count(*) FROM spend_minutes") == 6);

  for (const char* scope : {"key:key-1", "project:default", "wallet"})
    expected.erase({scope, minute});
  CHECK(spend_since(f, noon + std::chrono::minutes(1)) == expected);
}

TEST_CASE("spend that waits in memory is told too, and that of rows which fell out") {
  Fixture f;
  f.options.ring = 2;
  REQUIRE(f.open().has_value());
  const auto now = f.system.wall();
  REQUIRE(f.commit(Fixture::record_of(sent_row(f, now, 1))));
  SQLite::Database shell(f.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
  shell.exec("BEGIN EXCLUSIVE");
  for (const int cost : {20, 300, 4000})
    CHECK_FALSE(f.commit(Fixture::record_of(sent_row(f, now, cost))));
  Sums wallet;
  for (const auto& [place, sums] : spend_since(f, forever_ago)) {
    if (place.first != "wallet") continue;
    wallet.settled += sums.settled;
    wallet.requests += sums.requests;
  }
  CHECK(wallet.settled == 4321);
  CHECK(wallet.requests == 3);
  shell.exec("ROLLBACK");
}

TEST_CASE("no row is pruned before it is summed") {
  Fixture f;
  REQUIRE(f.open().has_value());
  for (int i = 0; i < 5; ++i) REQUIRE(f.commit(Fixture::record_of(sent_row(f, forever_ago, 1))));
  f.store.reset();
  SQLite::Database db(f.options.database.string(), SQLite::OPEN_READWRITE);
  const auto everything = f.system.wall();
  CHECK(prune_step(db, everything, 100) == 0);
  CHECK(sum_minutes_step(db, 3) == 3);
  CHECK(prune_step(db, everything, 100) == 3);
  CHECK(sum_minutes_step(db, 3) == 5);
  CHECK(sum_minutes_step(db, 3) == 5);
  CHECK(prune_step(db, everything, 100) == 2);
  CHECK(gathered(read_spend(db, forever_ago)).at({"wallet", 0}) == Sums{5, 5, 75});
}

TEST_CASE("rows that are pruned leave their minutes") {
  MovedClock clock;
  Fixture f;
  f.options.retention_every = Millis(10);
  f.options.retention_days = 30;
  REQUIRE(f.open(&clock).has_value());
  const auto start = clock.wall();
  for (int i = 0; i < 700; ++i)  // older than is kept from the first moment
    f.store->submit(Fixture::record_of(sent_row(f, start - std::chrono::hours(24 * 31), 2)),
                    nullptr);
  REQUIRE(eventually([&] { return f.store->newest_sequence() == 700; }));
  CHECK(eventually([&] { return f.number("SELECT count(*) FROM traces") == 0; }));
  CHECK(f.number("SELECT sum(requests) FROM usage_quarters") == 700);
  const auto spend = spend_since(f, forever_ago);
  CHECK(spend.size() == 3);
  CHECK(spend.begin()->second == Sums{1400, 700, 700 * 15});
}

TEST_CASE("minutes go after sixty-two days, but a clock that jumps ahead cannot take them all") {
  MovedClock clock;
  Fixture f;
  f.options.retention_every = Millis(1);
  f.options.retention_days = 3650;
  REQUIRE(f.open(&clock).has_value());
  const auto start = clock.wall();
  const auto put = [&](std::chrono::minutes before) {
    REQUIRE(f.commit(Fixture::record_of(sent_row(f, start - before, 1))));
  };
  put(std::chrono::hours(24 * 70));
  put(std::chrono::hours(24 * 50));
  CHECK(eventually(
      [&] { return f.number("SELECT count(*) FROM spend_minutes") == 3 && summed(f) == 2; }));

  SQLite::Database db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  for (const char* text : migration_texts()) db.exec(text);
  for (int minute = 0; minute < 100; ++minute)
    correct_minute(db, "wallet", minute_of(start) + minute, Money{1});
  prune_minutes_step(db, start + std::chrono::hours(24 * 400));
  CHECK(read_spend(db, forever_ago).size() >= 90);
}

TEST_CASE("absurd counts and costs stay at the end of their range") {
  Fixture f;
  f.options.retention_every = Millis(5);
  REQUIRE(f.open().has_value());
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 3; ++i) {
    TraceRow row = sent_row(f, f.system.wall(), most);
    row.usage.input = row.usage.output = row.usage.cache_read = most;
    REQUIRE(f.commit(Fixture::record_of(row)));
    if (i == 1) CHECK(eventually([&] { return summed(f) == 2; }));
  }
  const auto minutes = f.store->spend_since(forever_ago);
  REQUIRE(minutes.has_value());
  for (const auto& minute : *minutes) {
    CHECK(minute.settled.picousd > 0);
    CHECK(minute.tokens > 0);
  }
}

TEST_CASE("a lost database opens no second window: the floor knows the days") {
  MovedClock clock;
  Fixture f;
  REQUIRE(f.open(&clock).has_value());
  REQUIRE(f.commit(Fixture::record_of(sent_row(f, clock.wall(), 500))));
  clock.days = 3;
  REQUIRE(f.commit(Fixture::record_of(sent_row(f, clock.wall(), 40))));
  f.store.reset();
  std::filesystem::remove(f.options.database);
  REQUIRE(f.open(&clock).has_value());

  const auto wallet_since = [&](int days) {
    std::int64_t sum = 0;
    for (const auto& [place, sums] : spend_since(f, clock.wall() - std::chrono::hours(24 * days)))
      if (place.first == "wallet") sum += sums.settled;
    return sum;
  };
  CHECK(wallet_since(1) == 40);  // neither a free window
  CHECK(wallet_since(2) == 40);  // nor one that older spend has used up
  CHECK(wallet_since(10) == 540);
  CHECK(f.store->settled()["wallet"].picousd == 540);
}

TEST_CASE("while the database cannot be read, the floor's days are what is known") {
  Fixture f;
  f.options.database = f.folder / "sub" / "routerone.db";
  std::filesystem::create_directory(f.folder / "sub");
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(Fixture::record_of(sent_row(f, f.system.wall(), 12))));
  f.store.reset();
  std::filesystem::rename(f.folder / "sub", f.folder / "away");
  REQUIRE(f.open().has_value());
  std::int64_t wallet = 0;
  const auto minutes = f.store->spend_since(f.system.wall() - std::chrono::hours(24));
  REQUIRE(minutes.has_value());
  for (const auto& minute : *minutes)
    if (minute.scope == "wallet") wallet += minute.settled.picousd;
  CHECK(wallet == 12);
}

TEST_CASE("spend is durable while the database takes it, or else the floor file does") {
  Fixture f;
  std::filesystem::create_directory(f.folder / "floor");
  f.options.spend_floor = f.folder / "floor" / "spend-floor";
  REQUIRE(f.open().has_value());
  CHECK(f.store->spend_is_durable());
  SQLite::Database shell(f.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
  shell.exec("BEGIN EXCLUSIVE");
  CHECK_FALSE(f.commit(f.record(1)));
  CHECK(eventually([&] { return f.store->spend_is_durable(); }));
  CHECK(eventually([&] { return load_floor(f.options.spend_floor)->totals.contains("wallet"); }));

  std::filesystem::rename(f.folder / "floor", f.folder / "gone");
  CHECK_FALSE(f.commit(f.record(1)));
  CHECK(eventually([&] { return !f.store->spend_is_durable(); }));
  std::filesystem::rename(f.folder / "gone", f.folder / "floor");
  CHECK(eventually([&] { return f.store->spend_is_durable(); }));
  CHECK(load_floor(f.options.spend_floor)->totals.at("wallet") == Money{2});

  std::filesystem::rename(f.folder / "floor", f.folder / "gone");
  CHECK_FALSE(f.commit(f.record(1)));
  CHECK(eventually([&] { return !f.store->spend_is_durable(); }));
  shell.exec("ROLLBACK");
  CHECK(eventually([&] { return f.store->health().writable; }));
  CHECK(f.store->spend_is_durable());
}

namespace {

/// What the store should say, told in the simplest way.
struct Model {
  std::map<std::string, TraceRow> rows;  ///< By id, with the cost they have now.

  Spend spend(WallTime since) const {
    Spend expected;
    for (const auto& [id, row] : rows) {
      if (settled_minute(row) < minute_of(since)) continue;
      for (const auto& scope : scopes_of(row)) {
        auto& sums = expected[{scope, settled_minute(row)}];
        sums.settled += row.cost.value_or(Money{}).picousd;
        sums.requests += row.attempts.empty() ? 0 : 1;
        sums.tokens += tokens_of(row.usage);
      }
    }
    std::erase_if(expected, [](const auto& entry) { return entry.second == Sums{}; });
    return expected;
  }
  std::map<std::string, std::int64_t> totals() const {
    std::map<std::string, std::int64_t> expected;
    for (const auto& [id, row] : rows)
      for (const auto& scope : scopes_of(row))
        expected[scope] += row.cost.value_or(Money{}).picousd;
    std::erase_if(expected, [](const auto& entry) { return entry.second == 0; });
    return expected;
  }
};

struct Story : Fixture {
  MovedClock clock;
  Model model;

  Story() {
    options.retention_every = Millis(2);
    options.retention_days = 20;
    RC_ASSERT(open(&clock).has_value());
  }

  ~Story() { store.reset(); }  // before its clock

  void commit_some() {
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
      TraceRow row = sent_row(*this, clock.wall(), *rc::gen::inRange(0, 1'000'000));
      row.time -= std::chrono::minutes(*rc::gen::inRange(0, 60 * 24 * 15));
      row.latency = std::chrono::seconds(*rc::gen::inRange(0, 200));
      row.key_id = *rc::gen::element<std::string>("a", "b", "");
      row.project = *rc::gen::element<std::string>("one", "two");
      if (row.key_id.empty() || *rc::gen::inRange(0, 5) == 0) row.cost = Money{};
      if (*rc::gen::inRange(0, 5) == 0) row.cost = std::nullopt;
      if (*rc::gen::inRange(0, 5) == 0) row.attempts.clear();
      if (*rc::gen::inRange(0, 3) == 0) row.state = FinalState::interrupted;
      row.upstream_request_id = "req-" + row.id;
      if (row.state == FinalState::interrupted && row.attempts.empty())
        row.state = FinalState::client_gone;
      RC_ASSERT(commit(record_of(row)));
      model.rows[row.id] = row;
    }
  }

  void reconcile_some() {
    if (model.rows.empty()) return;
    const bool only_doubtful = *rc::gen::arbitrary<bool>();
    std::vector<TraceStore::Actual> actuals;
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
      auto row = model.rows.begin();
      std::advance(row, *rc::gen::inRange<std::size_t>(0, model.rows.size()));
      actuals.push_back({(*rc::gen::arbitrary<bool>() ? "req-" : "") + row->first,
                         Money{*rc::gen::inRange(0, 1'000'000)}});
    }
    const auto done = store->reconcile(actuals, only_doubtful);
    RC_ASSERT(done.has_value());
    for (const auto& [before, cost] : done->changed) {
      auto& row = model.rows.at(before.id);
      RC_ASSERT(row.cost == before.cost);
      RC_ASSERT(!only_doubtful || row.state == FinalState::interrupted);
      row.cost = cost;
    }
  }

  void check() {
    RC_ASSERT(number("SELECT (SELECT ifnull(sum(cost), 0) FROM usage_quarters) + "
                     "(SELECT ifnull(sum(cost), 0) FROM rollups) + "
                     "(SELECT ifnull(sum(amount), 0) FROM corrections WHERE scope = 'wallet') - "
                     "(SELECT ifnull(sum(settled), 0) FROM ledger WHERE scope = 'wallet')") ==
              unscoped());
    std::map<std::string, std::int64_t> totals;
    for (const auto& [scope, total] : store->settled())
      if (total.picousd != 0) totals[scope] = total.picousd;
    RC_ASSERT(totals == model.totals());
    const auto since = clock.wall() - std::chrono::hours(24 * 35);
    const auto minutes = store->spend_since(since);
    RC_ASSERT(minutes.has_value());
    RC_ASSERT(gathered(*minutes) == model.spend(since));
  }

  /// Cost that reconciling gave to rows without a key: in no scope's ledger.
  std::int64_t unscoped() const {
    std::int64_t sum = 0;
    for (const auto& [id, row] : model.rows)
      if (row.key_id.empty()) sum += row.cost.value_or(Money{}).picousd;
    return sum;
  }
};

}  // namespace

TEST_CASE(
    "whatever is committed, pruned, reconciled and reopened, ledger and minutes are what a naive "
    "count says") {
  CHECK(rc::check([] {
    Story story;
    for (int step = *rc::gen::inRange(3, 14); step > 0; --step) {
      switch (*rc::gen::inRange(0, 6)) {
        case 0:
          RC_ASSERT(story.open(&story.clock).has_value());
          break;
        case 1:
          story.clock.days += *rc::gen::inRange(0, 15);
          break;
        case 2:
          story.reconcile_some();
          break;
        case 3:
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
          break;
        default:
          story.commit_some();
      }
      story.check();
    }
  }));
}
