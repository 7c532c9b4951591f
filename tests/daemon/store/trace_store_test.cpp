#include "daemon/store/trace_store.h"

#include <set>

#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;

TEST_CASE("a row that was committed is there for readers at once, with every field") {
  Fixture f;
  REQUIRE(f.open().has_value());
  TraceRow row = f.row();
  row.time = wall_from_micros(1'795'176'000'123'456);
  row.client = "codex_cli/0.169";
  row.session = std::string("a\0b", 3);
  row.dialect = "openai-chat";
  row.operation = "chat";
  row.stream = true;
  row.requested_model = "gpt-5";
  row.upstream_model = "gpt-5-2025-08-07";
  row.usage = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, {}, {}, "flex", Money{13}};
  row.usage_source = UsageSource::estimate;
  row.cost = std::nullopt;
  row.price_source = PriceSource::own;
  row.latency = std::chrono::microseconds(1'180'400);
  row.ttft = std::chrono::microseconds(310'200);
  row.overhead = std::chrono::microseconds(84);
  row.finish_reason = "stop";
  row.error = "rate_limited";
  row.state = FinalState::client_gone;
  row.route = Route::automatic;
  row.fallback_from = "a/b";
  row.fallback_reason = "connect";
  row.dropped = {"x", "y\""};
  row.attempts = {{.provider = "op\"en\\ai\n",
                   .upstream_model = "m\u00e4",
                   .status = 429,
                   .failure = FailureClass::rate_limited,
                   .error_code = "rate_limited",
                   .latency = std::chrono::microseconds(7),
                   .cost = Money{41},
                   .replayed = true},
                  {.provider = "other",
                   .upstream_model = "n",
                   .failure = FailureClass::connect,
                   .error_code = "refused"}};
  row.upstream_request_id = "req_1";
  row.bytes_in = 2048;
  row.bytes_out = 9120;
  row.clamped = 8192;
  row.reserved = Money{77};
  row.overrun = true;
  REQUIRE(f.commit({row, {}}));

  const auto found = f.store->query({});
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  const TraceRow& read = found->front().row;
  CHECK(read.id == row.id);
  CHECK(read.time == row.time);
  CHECK(read.session == row.session);
  CHECK(read.stream);
  CHECK(read.usage.input == 1);
  CHECK(read.usage.cache_write_1h == 4);
  CHECK(read.usage.web_searches == 12);
  CHECK(read.usage.service_tier == "flex");
  CHECK(read.usage.stated_cost == Money{13});
  CHECK(read.usage_source == UsageSource::estimate);
  CHECK_FALSE(read.cost.has_value());
  CHECK(read.price_source == PriceSource::own);
  CHECK(read.latency == row.latency);
  CHECK(read.ttft == row.ttft);
  CHECK(read.overhead == row.overhead);
  CHECK(read.state == FinalState::client_gone);
  CHECK(read.route == Route::automatic);
  CHECK(read.dropped == row.dropped);
  REQUIRE(read.attempts.size() == 2);
  CHECK(read.attempts[0].failure == FailureClass::rate_limited);
  CHECK(read.attempts[0].replayed);
  CHECK(read.attempts[0].provider == "op\"en\\ai\n");
  CHECK(read.attempts[0].upstream_model == "m\u00e4");
  CHECK(read.attempts[0].latency == std::chrono::microseconds(7));
  CHECK(read.attempts[0].cost == Money{41});
  CHECK_FALSE(read.attempts[1].cost.has_value());
  CHECK_FALSE(read.attempts[1].replayed);
  CHECK(read.attempts[1].error_code == "refused");
  CHECK(read.attempts[1].status == 0);
  CHECK(read.bytes_out == 9120);
  CHECK(read.upstream_request_id == "req_1");
  CHECK(read.clamped == 8192);
  CHECK(read.reserved == Money{77});
  CHECK(read.overrun);
}

TEST_CASE("a count nobody reported stays unknown and does not become zero") {
  Fixture f;
  REQUIRE(f.open().has_value());
  TraceRow row = f.row();
  row.usage = {};
  REQUIRE(f.commit({row, {}}));
  const auto found = f.store->query({});
  CHECK_FALSE(found->front().row.usage.input.has_value());
  CHECK_FALSE(found->front().row.usage.known());
  CHECK_FALSE(found->front().row.ttft.has_value());
  CHECK_FALSE(found->front().row.clamped.has_value());
  CHECK_FALSE(found->front().row.reserved.has_value());
  CHECK_FALSE(found->front().row.overrun);
}

TEST_CASE("rows of many threads are all committed, each thread's in its own order") {
  Fixture f;
  REQUIRE(f.open().has_value());
  constexpr int threads = 4, each = 300;
  std::atomic<int> committed = 0;
  std::vector<std::thread> writers;
  for (int t = 0; t < threads; ++t)
    writers.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        auto record = f.record(1);
        record.row.session = std::to_string(t);
        record.row.bytes_in = static_cast<std::uint64_t>(i);
        f.store->submit(std::move(record), [&](bool ok) { committed += ok ? 1 : 0; });
      }
    });
  for (auto& writer : writers) writer.join();
  REQUIRE(eventually([&] { return committed == threads * each; }));

  Query all;
  all.limit = 10'000;
  all.oldest_first = true;
  const auto page = f.store->page(all, Millis(60'000));  // a slow machine is no failure
  REQUIRE(page);
  REQUIRE(page->traces.size() == threads * each);
  std::map<std::string, std::uint64_t> next;
  std::int64_t last = 0;
  for (const auto& stored : page->traces) {
    CHECK(stored.sequence == last + 1);
    last = stored.sequence;
    CHECK(stored.row.bytes_in == next[stored.row.session]++);
  }
  CHECK(f.store->newest_sequence() == last);
  CHECK(f.store->settled()["wallet"].picousd == threads * each);
  CHECK(f.store->health().rows_written == threads * each);
}

TEST_CASE("what was queued when the store closes is written, and the log is folded in") {
  Fixture f;
  REQUIRE(f.open().has_value());
  for (int i = 0; i < 500; ++i) f.store->submit(f.record(2), nullptr);
  f.store.reset();
  CHECK_FALSE(std::filesystem::exists(f.folder / "routerone.db-wal"));
  CHECK(f.number("SELECT count(*) FROM traces") == 500);
  CHECK(f.number("SELECT settled FROM ledger WHERE scope = 'wallet'") == 1000);
  REQUIRE(f.open().has_value());
  CHECK(f.store->newest_sequence() == 500);
  CHECK(f.store->settled()["wallet"].picousd == 1000);
  CHECK(f.store->health().quarantined.empty());
}

TEST_CASE("a row submitted twice is there once and its money is counted once") {
  Fixture f;
  REQUIRE(f.open().has_value());
  const auto record = f.record(7);
  CHECK(f.commit(record));
  CHECK(f.commit(record));
  CHECK(f.number("SELECT count(*) FROM traces") == 1);
  CHECK(f.store->settled()["wallet"].picousd == 7);
}

TEST_CASE("sums of absurd amounts stay at the end of the range") {
  Fixture f;
  REQUIRE(f.open().has_value());
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 3; ++i) {
    auto record = f.record(most);
    record.row.usage.input = most;
    REQUIRE(f.commit(std::move(record)));
  }
  CHECK(f.store->settled()["wallet"].picousd == most);
  CHECK(f.text("SELECT typeof(settled) FROM ledger WHERE scope = 'wallet'") == "integer");
  const auto usage = f.store->usage({}, {});
  REQUIRE(usage.has_value());
  CHECK(usage->front().cost.picousd == most);
}

TEST_CASE("a trace is found by its id or by a prefix that only it has") {
  Fixture f;
  REQUIRE(f.open().has_value());
  for (const char* id : {"01930000-aaaa-7000-8000-000000000001",
                         "01930000-aaab-7000-8000-000000000002", "01930000-aaab-7000"}) {
    TraceRow row = f.row();
    row.id = id;
    REQUIRE(f.commit({row, {}}));
  }
  const auto found = [&](const char* id) { return f.store->find(id); };
  CHECK((*found("01930000-aaaa"))->row.id == "01930000-aaaa-7000-8000-000000000001");
  CHECK((*found("01930000-AAAA"))->row.id == "01930000-aaaa-7000-8000-000000000001");
  CHECK(found("01930000-aaab").error().kind == ErrorKind::conflict);
  CHECK((*found("01930000-aaab-7000"))->row.id == "01930000-aaab-7000");  // whole, and a prefix
  CHECK_FALSE(found("ffff")->has_value());
  CHECK(found("019").error().kind == ErrorKind::invalid);
  CHECK_FALSE(found("%%%%")->has_value());
  CHECK_FALSE(found("' OR 1=1 --")->has_value());
}

TEST_CASE("waiting for new rows ends when one is committed, or when the time is up") {
  Fixture f;
  REQUIRE(f.open().has_value());
  CHECK(f.store->wait_after(0, Millis(1)) == 0);
  std::thread writer([&] { f.store->submit(f.record(), nullptr); });
  CHECK(f.store->wait_after(0, Millis(60'000)) == 1);
  writer.join();
  CHECK(f.store->wait_after(0, Millis(60'000)) == 1);
}

TEST_CASE("only ten rows a second are kept for callers nobody knows, the others are counted") {
  Fixture f;
  REQUIRE(f.open().has_value());
  const SteadyTime start{std::chrono::seconds(100)};
  int kept = 0;
  for (int i = 0; i < 25; ++i) kept += f.store->admit_unasked(start + Millis(i)) ? 1 : 0;
  CHECK(kept == 10);
  CHECK(f.store->admit_unasked(start + Millis(1000)));
  CHECK(f.store->health().rows_unkept == 15);
}

TEST_CASE("late rows are counted") {
  Fixture f;
  REQUIRE(f.open().has_value());
  f.store->count_late();
  f.store->count_late();
  CHECK(f.store->health().rows_late == 2);
}

TEST_CASE("the database and its log are for the owner alone") {
  Fixture f;
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record()));
  for (const auto* name : {"routerone.db", "routerone.db-wal", "routerone.db-shm"}) {
    const auto mode = std::filesystem::status(f.folder / name).permissions();
    CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
  }
}
