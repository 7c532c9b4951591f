#include <rapidcheck.h>

#include "daemon/store/trace_store.h"
#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;
using Op = Condition::Op;

namespace {

Condition text_is(const char* column, Op op, std::string text) {
  return {column, op, false, 0, std::move(text)};
}
Condition number_is(const char* column, Op op, std::int64_t number) {
  return {column, op, true, number, ""};
}

struct Filled : Fixture {
  Filled() {
    REQUIRE(open().has_value());
    add("openai/gpt-5", "ci", 200, 100);
    add("openai/gpt-5-mini", "ci", 429, std::nullopt);
    add("anthropic/claude-sonnet-4.5", "laptop", 503, 300);
  }
  void add(const char* model, const char* key, int status, std::optional<std::int64_t> cost) {
    TraceRow made = row();
    made.model = model;
    made.key_name = key;
    made.status = status;
    made.error = status == 200 ? "" : "rate_limited";
    made.cost = cost ? std::optional(Money{*cost}) : std::nullopt;
    made.latency = std::chrono::microseconds(status * 1000);
    made.time = wall_from_micros(status * 1'000'000LL);
    REQUIRE(commit({made, {}}));
  }
  std::size_t count(std::vector<Condition> where) {
    Query query;
    query.where = std::move(where);
    const auto rows = store->query(query);
    REQUIRE(rows.has_value());
    return rows->size();
  }
};

}  // namespace

TEST_CASE("conditions select rows by text, glob and number, joined by AND") {
  Filled f;
  CHECK(f.count({}) == 3);
  CHECK(f.count({text_is("key", Op::equal, "ci")}) == 2);
  CHECK(f.count({text_is("key", Op::not_equal, "ci")}) == 1);
  CHECK(f.count({text_is("key", Op::glob, "L*")}) == 1);
  CHECK(f.count({text_is("model", Op::glob, "openai/*")}) == 2);
  CHECK(f.count({text_is("model", Op::glob, "gpt-5*")}) == 2);
  CHECK(f.count({text_is("model", Op::equal, "gpt-5")}) == 1);
  CHECK(f.count({number_is("status", Op::greater_equal, 429)}) == 2);
  CHECK(f.count({number_is("status", Op::less, 429)}) == 1);
  CHECK(f.count({number_is("cost", Op::greater, 100)}) == 1);
  CHECK(f.count({number_is("cost", Op::less_equal, 300)}) == 2);  // unknown is not small
  CHECK(f.count({text_is("key", Op::equal, "ci"), number_is("status", Op::equal, 429)}) == 1);
  CHECK(f.count({number_is("time", Op::greater_equal, 429'000'000)}) == 2);
  CHECK(f.count({text_is("error", Op::not_equal, "")}) == 2);
}

TEST_CASE("columns and comparisons outside the closed list are refused") {
  Filled f;
  for (const auto& condition :
       {text_is("1=1; DROP TABLE traces --", Op::equal, "x"), text_is("status", Op::equal, "x"),
        number_is("model", Op::equal, 1), text_is("key", Op::less, "x"),
        number_is("status", Op::glob, 1), text_is("", Op::equal, "")}) {
    Query query;
    query.where = {condition};
    CHECK(f.store->query(query).error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("SQL in a value is data") {
  Filled f;
  for (const char* text :
       {"' OR '1'='1", "x'; DROP TABLE traces; --", "\"", "%", "_", "[a-z]*", "?1"}) {
    CHECK(f.count({text_is("key", Op::equal, text)}) == 0);
    CHECK(f.count({text_is("model", Op::equal, text)}) == 0);
  }
  CHECK(f.count({}) == 3);
}

TEST_CASE("any text at all is compared and nothing else, for every text") {
  Filled f;
  CHECK(rc::check([&](const std::string& text) {
    Query query;
    query.where = {text_is("session", Op::equal, text), text_is("key", Op::glob, text)};
    RC_ASSERT(f.store->query(query).has_value());
  }));
  CHECK(f.count({}) == 3);
}

TEST_CASE("the newest rows come first, a tail's come after its cursor in order") {
  Filled f;
  Query query;
  query.limit = 2;
  auto rows = f.store->query(query);
  REQUIRE(rows->size() == 2);
  CHECK(rows->front().sequence == 3);
  query.oldest_first = true;
  query.after_sequence = 1;
  rows = f.store->query(query);
  REQUIRE(rows->size() == 2);
  CHECK(rows->front().sequence == 2);
}

TEST_CASE("usage adds up by any grouping, unknown costs counted apart") {
  Filled f;
  const auto all = f.store->usage({}, {});
  REQUIRE(all->size() == 1);
  CHECK(all->front().requests == 3);
  CHECK(all->front().errors == 2);
  CHECK(all->front().unknown_cost == 1);
  CHECK(all->front().cost.picousd == 400);
  CHECK(all->front().input_tokens == 30);
  const auto by_key = f.store->usage({"key", "day"}, {});
  REQUIRE(by_key->size() == 2);
  CHECK((*by_key)[0].group == std::vector<std::string>{"ci", "1970-01-01"});
  CHECK((*by_key)[0].requests == 2);
  CHECK(f.store->usage({"hour"}, {})->front().group.front() == "1970-01-01T00:00Z");
  CHECK(f.store->usage({"password"}, {}).error().kind == ErrorKind::invalid);
  Query none;
  none.where = {text_is("key", Op::equal, "nobody")};
  CHECK(f.store->usage({}, none)->empty());
}

TEST_CASE("a query that would take too long is stopped and says so") {
  struct Racing final : Clock {
    mutable std::atomic<std::int64_t> now{0};
    WallTime wall() const override { return wall_from_micros(0); }
    SteadyTime steady() const override { return SteadyTime(std::chrono::seconds(++now)); }
  };
  Racing clock;  // every look at it is a second later
  Fixture f;
  REQUIRE(f.open(&clock).has_value());
  std::atomic<int> committed = 0;
  for (int i = 0; i < 2000; ++i) f.store->submit(f.record(), [&](bool) { ++committed; });
  REQUIRE(eventually([&] { return committed == 2000; }));
  Query query;
  query.where = {text_is("session", Op::glob, "*a*b*c*")};
  const auto rows = f.store->query(query);
  REQUIRE_FALSE(rows.has_value());
  CHECK(rows.error().kind == ErrorKind::unavailable);
  CHECK(rows.error().hint.find("narrow") != std::string::npos);
}
