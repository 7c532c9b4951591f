#include <doctest/doctest.h>

#include <future>
#include <set>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::TailWish;
using control::TraceListWish;
using control::TracePageWish;
using control::UsageWish;
using test::fault_of;
using test::PlaneWorld;

TraceListWish filtered(std::vector<std::string> terms, int limit = 50) {
  return {std::move(terms), limit};
}

std::vector<std::string> models_of(const Json& traces) {
  std::vector<std::string> out;
  for (const Json& trace : traces) out.push_back(trace["model"]);
  return out;
}

using Names = std::vector<std::string>;

TEST_CASE("traces are listed newest first, filtered, and not more than were asked for") {
  PlaneWorld world;
  CHECK(world.client.list_traces({})->empty());
  world.commit(world.row("openai/a", 1'000));
  world.commit(world.row("openai/b", 2'000));
  TraceRow failed = world.row("acme/c", 0);
  failed.status = 502;
  world.commit(failed);
  CHECK(models_of(*world.client.list_traces({})) == Names{"acme/c", "openai/b", "openai/a"});
  CHECK(models_of(*world.client.list_traces(filtered({}, 2))) == Names{"acme/c", "openai/b"});
  CHECK(models_of(*world.client.list_traces(filtered({"status>=500"}))) == Names{"acme/c"});
  CHECK(models_of(*world.client.list_traces(filtered({"model=openai/*", "status=200"}))) ==
        Names{"openai/b", "openai/a"});
  CHECK(world.client.list_traces(filtered({"key=nobody"}))->empty());
}

TEST_CASE("a filter or a limit that is none is refused in words") {
  PlaneWorld world;
  CHECK(fault_of(world.client.list_traces(filtered({"colour=red"}))).starts_with("invalid"));
  CHECK(fault_of(world.client.list_traces(filtered({"status"}))).starts_with("invalid"));
  CHECK(fault_of(world.client.list_traces(filtered({"status=' OR 1=1"}))).starts_with("invalid"));
  for (const int limit : {0, -1, 10'001}) {
    CHECK(fault_of(world.client.list_traces(filtered({}, limit))).starts_with("invalid"));
  }
  CHECK(world.client.list_traces(filtered({"model=' OR 1=1 --"}))->empty());
}

TEST_CASE("one trace is shown whole, by its id or the beginning of it") {
  PlaneWorld world;
  TraceRow row = world.row("openai/a", 4'200'000'000);
  row.attempts.push_back({});
  world.commit(row);
  const auto shown = world.client.show_trace(row.id);
  REQUIRE(shown);
  CHECK((*shown)["schema"] == 1);
  CHECK((*shown)["id"] == row.id);
  CHECK((*shown)["cost_usd"] == "0.004200");
  CHECK((*shown)["cost_picousd"] == 4'200'000'000);
  CHECK((*shown)["input_tokens"] == 10);
  CHECK((*shown)["key"] == "ci");
  CHECK((*shown)["attempts"].size() == 1);
  CHECK((*world.client.show_trace(row.id.substr(0, 18)))["id"] == row.id);
}

TEST_CASE("an unknown cost is null, never 0") {
  PlaneWorld world;
  TraceRow row = world.row("mybox/a", 0);
  row.cost.reset();
  row.price_source = PriceSource::unknown;
  world.commit(row);
  const auto shown = world.client.show_trace(row.id);
  REQUIRE(shown);
  CHECK((*shown)["cost_usd"].is_null());
  CHECK((*shown)["cost_picousd"].is_null());
  CHECK((*shown)["price_source"] == "unknown");
}

TEST_CASE("a trace that is not there is not found") {
  PlaneWorld world;
  for (const char* id : {"0193", "%", "_", "' OR 1=1", "*", ""}) {
    CAPTURE(id);
    CHECK_FALSE(world.client.show_trace(id));
  }
  world.commit(world.row("openai/a", 1));
  for (const char* id : {"%", "_______", "*", ""}) {
    CAPTURE(id);
    CHECK_FALSE(world.client.show_trace(id));
  }
}

TEST_CASE("a tail begins now and then gives every row once, oldest first") {
  PlaneWorld world;
  world.commit(world.row("openai/old", 1));
  TailWish wish;
  wish.wait_ms = 0;
  auto first = world.client.tail(wish);
  REQUIRE(first);
  CHECK((*first)["traces"].empty());
  wish.after = (*first)["sequence"].get<std::int64_t>();
  world.commit(world.row("openai/a", 1));
  world.commit(world.row("acme/b", 1));
  world.commit(world.row("openai/c", 1));
  auto next = world.client.tail(wish);
  REQUIRE(next);
  CHECK(models_of((*next)["traces"]) == Names{"openai/a", "acme/b", "openai/c"});
  wish.after = (*next)["sequence"].get<std::int64_t>();
  CHECK((*world.client.tail(wish))["traces"].empty());
}

TEST_CASE("a tail takes filters, and its cursor passes what they leave out") {
  PlaneWorld world;
  TailWish wish;
  wish.wait_ms = 0;
  wish.after = 0;
  wish.terms = {"model=openai/*"};
  world.commit(world.row("acme/b", 1));
  auto none = world.client.tail(wish);
  CHECK((*none)["traces"].empty());
  CHECK((*none)["sequence"] == world.traces->newest_sequence());
  world.commit(world.row("openai/a", 1));
  CHECK(models_of((*world.client.tail(wish))["traces"]) == Names{"openai/a"});
  wish.terms = {"colour=red"};
  CHECK(fault_of(world.client.tail(wish)).starts_with("invalid"));
}

TEST_CASE("a long gap comes in pages, none of its rows lost or twice") {
  PlaneWorld world;
  constexpr int rows = 1'203;
  for (int i = 0; i < rows - 1; ++i) {
    world.traces->submit({world.row("m/" + std::to_string(i), 1), {}}, [](bool) {});
  }
  world.commit(world.row("m/last", 1));
  TailWish wish;
  wish.wait_ms = 0;
  wish.after = 0;
  Names seen;
  for (int page = 0; page < 10; ++page) {
    const auto got = world.client.tail(wish);
    REQUIRE(got);
    for (const std::string& model : models_of((*got)["traces"])) seen.push_back(model);
    wish.after = (*got)["sequence"].get<std::int64_t>();
  }
  REQUIRE(seen.size() == rows);
  CHECK(seen.front() == "m/0");
  CHECK(seen.back() == "m/last");
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == rows);
}

TEST_CASE("a tail that waits hears of a row when it is committed") {
  PlaneWorld world;
  TailWish wish;
  wish.after = world.traces->newest_sequence();
  auto waiting = std::async(std::launch::async, [&] {
    Names seen;
    while (seen.empty()) {
      const auto got = world.client.tail(wish);
      if (!got) break;
      wish.after = (*got)["sequence"].get<std::int64_t>();
      seen = models_of((*got)["traces"]);
    }
    return seen;
  });
  world.commit(world.row("openai/news", 1));
  CHECK(waiting.get() == Names{"openai/news"});
}

TEST_CASE("many tails that wait hold up no other call, and each is answered") {
  PlaneWorld world;
  std::vector<std::future<bool>> tails;
  for (int i = 0; i < 12; ++i) {
    tails.push_back(std::async(std::launch::async, [&world] {
      TailWish wish;
      wish.after = world.traces->newest_sequence();
      return world.client.tail(wish).has_value();
    }));
  }
  CHECK(fault_of(world.client.status()).empty());
  CHECK(fault_of(world.create_key("ci")).empty());
  for (auto& tail : tails) CHECK(tail.get());
}

TEST_CASE("usage adds up what was asked for, by group, and counts what it cannot price") {
  PlaneWorld world;
  world.commit(world.row("openai/a", 1'000'000));
  world.commit(world.row("openai/a", 2'000'000));
  TraceRow unknown = world.row("mybox/b", 0);
  unknown.cost.reset();
  unknown.price_source = PriceSource::unknown;
  world.commit(unknown);

  const auto all = world.client.usage({});
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  const Json& total = (*all)[0];
  CHECK(total["requests"] == 3);
  CHECK(total["input_tokens"] == 30);
  CHECK(total["output_tokens"] == 15);
  CHECK(total["cost_picousd"] == 3'000'000);
  CHECK(total["cost_usd"] == "0.000003");
  CHECK(total["unknown_cost_requests"] == 1);

  const auto by_model = world.client.usage({{"model"}, {}});
  REQUIRE(by_model);
  CHECK(by_model->size() == 2);
  for (const Json& line : *by_model) {
    CHECK(line["requests"] == (line["model"] == "openai/a" ? 2 : 1));
  }
  const auto some = world.client.usage({{"provider", "key"}, {"provider=mybox"}});
  REQUIRE(some);
  REQUIRE(some->size() == 1);
  CHECK((*some)[0]["provider"] == "mybox");
  CHECK((*some)[0]["key"] == "ci");
}

TEST_CASE("usage of nothing is one line of zeros, and by group no line") {
  PlaneWorld world;
  const auto all = world.client.usage({});
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  CHECK((*all)[0]["requests"] == 0);
  CHECK(world.client.usage({{"model"}, {}})->empty());
}

TEST_CASE("usage by what there is not, or by the same twice, is refused") {
  PlaneWorld world;
  CHECK(fault_of(world.client.usage({{"colour"}, {}})).starts_with("invalid"));
  CHECK(fault_of(world.client.usage({{"model", "model"}, {}})).starts_with("invalid"));
  CHECK(fault_of(world.client.usage({{"model; DROP TABLE x"}, {}})).starts_with("invalid"));
  CHECK(fault_of(world.client.usage({{}, {"colour=red"}})).starts_with("invalid"));
}

TEST_CASE("pages of traces follow each other by their cursor, until nothing is left") {
  PlaneWorld world;
  for (const char* name : {"m/1", "m/2", "m/3", "m/4", "m/5"}) world.commit(world.row(name, 1));
  TracePageWish wish;
  wish.limit = 2;
  Names seen;
  for (int page = 0; page < 3; ++page) {
    const auto got = world.client.page_traces(wish);
    REQUIRE(got);
    for (const std::string& model : models_of((*got)["traces"])) seen.push_back(model);
    CHECK((*got)["complete"] == (page == 2));
    if (page == 2) CHECK((*got)["cursor"].is_null());
    if (page < 2) wish.cursor = (*got)["cursor"].get<std::int64_t>();
    CHECK((*got)["looked_to"].is_null() == (page == 2));
  }
  CHECK(seen == Names{"m/5", "m/4", "m/3", "m/2", "m/1"});
  wish.cursor.reset();
  wish.oldest_first = true;
  CHECK(models_of((*world.client.page_traces(wish))["traces"]) == Names{"m/1", "m/2"});
  wish.limit = 0;
  CHECK(fault_of(world.client.page_traces(wish)).starts_with("invalid"));
}

TEST_CASE(
    "a tail that says since when begins there, and one of another database at its beginning") {
  PlaneWorld world;
  world.commit(world.row("m/old", 1));
  world.clock.advance(std::chrono::hours(2));
  world.commit(world.row("m/new", 1));
  TailWish wish;
  wish.wait_ms = 0;
  wish.terms = {"since=1h"};
  CHECK(models_of((*world.client.tail(wish))["traces"]) == Names{"m/new"});
  wish.terms = {"model=m/*"};
  CHECK((*world.client.tail(wish))["traces"].empty());
  wish.after = 4'711;
  const auto other = world.client.tail(wish);
  CHECK(models_of((*other)["traces"]) == Names{"m/old", "m/new"});
  CHECK((*other)["sequence"] == 2);
}

TEST_CASE("old traces are counted, then deleted, and usage still has them") {
  PlaneWorld world;
  world.commit(world.row("m/old", 5));
  world.clock.advance(std::chrono::hours(24 * 40));
  world.commit(world.row("m/new", 1));
  control::PruneWish wish{"30d", true};
  auto pruned = world.client.prune_traces(wish);
  REQUIRE(pruned);
  CHECK((*pruned)["traces"] == 1);
  CHECK((*pruned)["dry_run"] == true);
  CHECK(world.client.list_traces({})->size() == 2);
  wish.dry_run = false;
  pruned = world.client.prune_traces(wish);
  REQUIRE(pruned);
  CHECK((*pruned)["traces"] == 1);
  CHECK((*pruned)["complete"] == true);
  CHECK(models_of(*world.client.list_traces({})) == Names{"m/new"});
  CHECK((*world.client.usage({}))[0]["cost_picousd"] == 6);
  for (const char* wrong : {"", "soon", "-3d", "2099-01-01"}) {
    CAPTURE(wrong);
    CHECK(fault_of(world.client.prune_traces({wrong, false})).starts_with("invalid"));
  }
}

TEST_CASE("a copy of the traces says what is in it, and takes no file's place") {
  PlaneWorld world;
  world.commit(world.row("m/1", 1));
  const auto file = world.folder.path() / "copy.db";
  const auto done = world.client.back_up_traces({file.string()});
  REQUIRE(done);
  CHECK((*done)["file"] == file.string());
  CHECK((*done)["traces"] == 1);
  CHECK((*done)["bytes"] == std::filesystem::file_size(file));
  CHECK(fault_of(world.client.back_up_traces({file.string()})).starts_with("conflict"));
}

TEST_CASE("usage tells shares, percentiles and the parts of its time, in the user's own days") {
  PlaneWorld world;
  TraceRow row = world.row("openai/a", 4'000);
  row.usage.cache_read = 30;
  row.latency = std::chrono::seconds(2);
  row.ttft = std::chrono::seconds(1);
  world.commit(row);
  world.clock.advance(std::chrono::hours(8));
  row = world.row("openai/a", 0);
  row.error = "overloaded";
  world.commit(row);
  control::UsageWish wish;
  wish.by = {"day"};
  wish.terms = {"since=11h"};
  wish.timezone = "Asia/Kolkata";  // 2023-11-14T22:13:20Z is the next day there
  wish.parts = 5;
  const auto lines = world.client.usage(wish);
  REQUIRE(lines);
  REQUIRE(lines->size() == 1);
  const Json& line = (*lines)[0];
  CHECK(line["day"] == "2023-11-15");
  CHECK(line["error_share"] == 0.5);
  CHECK(line["cache_hit_share"] == 0.6);
  CHECK(line["p50_ms"].get<double>() == doctest::Approx(2'000).epsilon(0.05));
  CHECK(line["ttft_p95_ms"].get<double>() == doctest::Approx(1'000).epsilon(0.05));
  CHECK(line["complete"] == true);
  REQUIRE(line["parts"].size() == 5);
  CHECK(line["parts"][0]["start"] == "2023-11-14T19:13:20.000000Z");
  std::int64_t requests = 0;
  for (const Json& part : line["parts"]) requests += part["requests"].get<std::int64_t>();
  CHECK(requests == 2);
  CHECK(line["parts"][1]["cost_picousd"] == 4'000);
  wish.timezone = "Mars/Olympus";
  CHECK(fault_of(world.client.usage(wish)).starts_with("invalid"));
  wish = {};
  wish.parts = 1'001;
  CHECK(fault_of(world.client.usage(wish)).starts_with("invalid"));
  wish.parts = 2;
  wish.terms = {"key=nobody"};
  CHECK((*world.client.usage(wish))[0]["parts"].size() == 2);
}

}  // namespace
}  // namespace routerone
