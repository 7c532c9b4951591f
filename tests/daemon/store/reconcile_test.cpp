#include "common/platform/files.h"
#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;

namespace {

struct Books : Fixture {
  Books() {
    options.retention_every = Millis(5);
    REQUIRE(open().has_value());
  }
  std::string add(std::int64_t cost, FinalState state = FinalState::interrupted) {
    TraceRow made = row(cost);
    made.state = state;
    made.usage_source = UsageSource::upstream;
    made.upstream_request_id = "req-" + made.id;
    made.price_source = PriceSource::catalog;
    REQUIRE(commit(record_of(made)));
    return made.id;
  }
  TraceStore::Reconciled put(std::vector<TraceStore::Actual> actuals, bool only_doubtful = false) {
    auto done = store->reconcile(actuals, only_doubtful);
    REQUIRE(done.has_value());
    return *std::move(done);
  }
  TraceRow read(const std::string& id) { return (*store->find(id))->row; }
  std::int64_t spent_lately(const std::string& scope) {
    std::int64_t sum = 0;
    const auto minutes = store->spend_since(system.wall() - std::chrono::hours(1));
    for (const auto& minute : *minutes)
      if (minute.scope == scope) sum += minute.settled.picousd;
    return sum;
  }
  void check_total(std::int64_t total) {
    for (const char* scope : {"wallet", "project:default", "key:key-1"}) {
      CAPTURE(scope);
      CHECK(store->settled()[scope].picousd == total);
      CHECK(spent_lately(scope) == total);
      CHECK(number(std::string("SELECT settled FROM ledger WHERE scope = '") + scope + "'") ==
            total);
    }
    CHECK(number("SELECT sum(cost) FROM traces") == total);
    CHECK(number("SELECT count(*) FROM corrections") == 0);
  }
};

bool read_file_says(const Fixture& f, const std::string& words) {
  const auto text = read_file(f.options.spend_floor);
  return text && text->find("\n" + words) != std::string::npos;
}

}  // namespace

TEST_CASE("a cost is put right by either id: row, ledger and minutes, and what it was is told") {
  Books b;
  const auto one = b.add(1000), two = b.add(500), three = b.add(70);
  SUBCASE("before its minute is summed") {}
  SUBCASE("after its minute is summed") {
    CHECK(eventually([&] { return b.number("SELECT sequence FROM spend_summed") == 3; }));
  }
  const auto done = b.put({{one, Money{10}}, {"req-" + two, Money{900}}, {"nobody", Money{5}}});
  REQUIRE(done.changed.size() == 2);
  CHECK(done.changed[0].first.id == one);
  CHECK(done.changed[0].first.cost == Money{1000});
  CHECK(done.changed[0].second == Money{10});
  CHECK(done.changed[1].first.id == two);
  CHECK(done.unknown == std::vector<std::string>{"nobody"});
  CHECK(done.equal == 0);
  CHECK(b.read(one).cost == Money{10});
  CHECK(b.read(one).price_source == PriceSource::upstream);
  CHECK(b.read(one).state == FinalState::interrupted);
  CHECK(b.read(three).price_source == PriceSource::catalog);
  b.check_total(980);

  CHECK(b.put({{one, Money{10}}}).equal == 1);  // again: nothing to do
  b.check_total(980);
  REQUIRE(b.open().has_value());
  b.check_total(980);
}

TEST_CASE("an unknown cost becomes a known one") {
  Books b;
  TraceRow row = b.row();
  row.cost = std::nullopt;
  row.price_source = PriceSource::unknown;
  REQUIRE(b.commit(Fixture::record_of(row)));
  CHECK(b.put({{row.id, Money{0}}}).changed.size() == 1);
  CHECK(b.read(row.id).cost == Money{0});
  CHECK(b.put({{row.id, Money{33}}}).changed.size() == 1);
  b.check_total(33);
}

TEST_CASE("only what is doubtful is changed, if that is asked for") {
  Books b;
  const auto sure = b.add(100, FinalState::completed), lost = b.add(100);
  TraceRow guess = b.row(100);
  guess.usage_source = UsageSource::estimate;
  REQUIRE(b.commit(Fixture::record_of(guess)));
  const auto done = b.put({{sure, Money{1}}, {lost, Money{2}}, {guess.id, Money{3}}}, true);
  CHECK(done.changed.size() == 2);
  CHECK(done.certain == 1);
  CHECK(done.equal == 0);
  b.check_total(105);
  CHECK(b.put({{sure, Money{1}}}).changed.size() == 1);
  b.check_total(6);
}

TEST_CASE("of two costs for one request the last counts, whichever of its ids they name") {
  Books b;
  const auto id = b.add(100);
  CHECK(b.put({{id, Money{1}}, {id, Money{2}}}).changed.size() == 1);
  b.check_total(2);
  CHECK(b.put({{id, Money{3}}, {"req-" + id, Money{4}}}).changed.size() == 1);
  CHECK(b.store->settled()["wallet"].picousd <= 4);
}

TEST_CASE("a cost that cannot be one is refused, with all that came with it") {
  Books b;
  const auto one = b.add(100), two = b.add(100);
  for (const auto cost : {Money{-1}, Money{std::numeric_limits<std::int64_t>::max()},
                          Money{10'000'000'000'000'001}}) {
    const auto refused = b.store->reconcile({{one, Money{1}}, {two, cost}}, false);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::invalid);
    CHECK(refused.error().message.find(two) != std::string::npos);
  }
  b.check_total(200);
}

TEST_CASE("a lower cost is not given back by the floor after a kill") {
  Books b;
  const auto id = b.add(1000);
  CHECK(eventually([&] { return read_file_says(b, "1000 wallet"); }));
  (void)b.put({{id, Money{10}}});
  CHECK(read_file_says(b, "10 wallet"));
}

TEST_CASE("while the database takes no rows nothing is reconciled, and that is said") {
  Books b;
  const auto id = b.add(1000);
  {
    SQLite::Database shell(b.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
    shell.exec("BEGIN EXCLUSIVE");
    const auto at_once = b.store->reconcile({{id, Money{1}}}, false);
    REQUIRE_FALSE(at_once.has_value());
    CHECK(at_once.error().kind == ErrorKind::unavailable);
    CHECK_FALSE(b.commit(b.record(0)));
    CHECK(b.store->reconcile({{id, Money{1}}}, false).error().kind == ErrorKind::unavailable);
    shell.exec("ROLLBACK");
  }
  CHECK(eventually([&] { return b.store->health().writable; }));
  b.check_total(1000);
  REQUIRE(b.open().has_value());
  b.check_total(1000);
}

TEST_CASE("a row submitted just before is found") {
  Books b;
  TraceRow row = b.row(100);
  b.store->submit(Fixture::record_of(row), nullptr);
  CHECK(b.put({{row.id, Money{1}}}).changed.size() == 1);
  b.check_total(1);
}

TEST_CASE("ids that are patterns, SQL or nothing name no row") {
  Books b;
  b.add(100);
  TraceRow row = b.row(5);
  REQUIRE(b.commit(Fixture::record_of(row)));  // without an upstream id
  for (const char* id : {"", "%", "*", "' OR 1=1 --"}) {
    const auto done = b.put({{id, Money{1}}});
    CHECK(done.changed.empty());
    CHECK(done.unknown.size() == 1);
  }
  b.check_total(105);
}
