#include "daemon/control/runs.h"

#include <doctest/doctest.h>

#include <optional>
#include <thread>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::HeldCall;
using control::RunWish;
using test::fault_of;
using test::PlaneWorld;
using test::says;

RunWish wish_of(const std::string& name, const std::optional<std::string>& outer = {}) {
  RunWish wish;
  wish.program = "agent";
  if (!name.empty()) wish.name = name;
  wish.outer = outer;
  return wish;
}

RunWish resuming(const std::string& name) {
  RunWish wish;
  wish.program = "agent";
  wish.resume = name;
  return wish;
}

HeldCall begin(PlaneWorld& world, const RunWish& wish) {
  auto held = world.client.begin_run(wish);
  REQUIRE_MESSAGE(held, (held ? "" : held.error().message));
  return *std::move(held);
}

std::string fault_of_run(PlaneWorld& world, const RunWish& wish) {
  const auto held = world.client.begin_run(wish);
  return held ? "" : held.error().message + " / " + held.error().hint;
}

std::string state_of(PlaneWorld& world, const std::string& name) {
  const auto key = world.client.show_key(name);
  return key ? (*key)["state"].get<std::string>() : "none";
}

std::string id_of(const HeldCall& held) { return held.answer["id"].get<std::string>(); }

/// The held server ends what lost its connection on its own thread.
bool becomes(PlaneWorld& world, const std::string& name, const std::string& state) {
  for (int i = 0; i < 1'000 && state_of(world, name) != state; ++i)
    std::this_thread::sleep_for(Millis(10));
  return state_of(world, name) == state;
}

TEST_CASE("a run is a key as long as its call is held, and none when it is let go") {
  PlaneWorld world;
  auto held = begin(world, wish_of(""));
  CHECK(held.answer["name"] == "agent-1");
  CHECK(held.answer["kind"] == "run");
  CHECK(held.answer["key"].get<std::string>().starts_with("sk-rk-"));
  CHECK(held.answer["listening"][0] == "127.0.0.1:7411");
  CHECK(world.proofs.redeem(held.answer["proof"]["question"].get<std::string>()) ==
        held.answer["proof"]["answer"].get<std::string>());
  CHECK(state_of(world, "agent-1") == "active");
  held.connection.reset();
  CHECK(becomes(world, "agent-1", "ended"));
  CHECK(begin(world, wish_of("")).answer["name"] == "agent-2");
}

TEST_CASE("held calls take no thread: many runs at once leave the others room") {
  PlaneWorld world;
  std::vector<HeldCall> held;
  for (int i = 0; i < 40; ++i) held.push_back(begin(world, wish_of("")));
  CHECK(world.client.status());
  CHECK(world.client.list_keys(false)->size() == 40);
}

TEST_CASE("names are given once, among keys and all runs that can be resumed") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  begin(world, wish_of("one"));
  REQUIRE(becomes(world, "one", "ended"));
  CHECK(says(fault_of_run(world, wish_of("one")), "--resume one"));
  CHECK(says(fault_of_run(world, wish_of("ci")), "already"));
  CHECK(says(fault_of_run(world, wish_of("a b")), "cannot be the name"));
  CHECK(says(fault_of_run(world, resuming("two")), "no run"));
  CHECK(says(fault_of_run(world, resuming("ci")), "no run"));
}

TEST_CASE("a resumed run has its id, its limits and what it spent, and another secret") {
  PlaneWorld world;
  RunWish wish = wish_of("one");
  wish.limits.spend.max_spend = "2";
  std::string id, secret;
  {
    const auto held = begin(world, wish);
    id = id_of(held);
    secret = held.answer["key"];
    world.spend("one", 500'000'000'000);
    CHECK(says(fault_of_run(world, resuming("one")), "still under way"));
  }
  REQUIRE(becomes(world, "one", "ended"));
  const auto again = begin(world, resuming("one"));
  CHECK(id_of(again) == id);
  CHECK(again.answer["key"] != secret);
  CHECK(again.answer["budget"]["spent_usd"] == "0.500000");
  CHECK(again.answer["budget"]["left_usd"] == "1.500000");
}

TEST_CASE("a run inside another has its project, and never more left than it") {
  PlaneWorld world;
  RunWish wish = wish_of("outer");
  wish.limits.spend.max_spend = "2";
  const auto outer = begin(world, wish);
  wish = wish_of("inner", id_of(outer));
  wish.limits.spend.max_spend = "50";
  const auto inner = begin(world, wish);
  CHECK(inner.answer["inside"] == "outer");
  CHECK(inner.answer["budget"]["left_usd"] == "2.000000");
  world.spend("inner", 500'000'000'000);
  CHECK((*world.client.show_key("outer"))["budget"]["spent_usd"] == "0.500000");
  CHECK((*world.client.show_key("inner"))["budget"]["left_usd"] == "1.500000");
  wish = wish_of("other", id_of(outer));
  wish.project = "web";
  CHECK(says(fault_of_run(world, wish), "is in its project"));
  wish = wish_of("other", id_of(outer));
  wish.limits.unpriced = true;
  CHECK(says(fault_of_run(world, wish), "no unpriced models"));
}

TEST_CASE("the end of a run ends those inside it, and no run begins in one that has ended") {
  PlaneWorld world;
  auto outer = begin(world, wish_of("outer"));
  const auto middle = begin(world, wish_of("middle", id_of(outer)));
  const auto inner = begin(world, wish_of("inner", id_of(middle)));
  const auto apart = begin(world, wish_of("apart"));
  outer.connection.reset();
  CHECK(becomes(world, "outer", "ended"));
  CHECK(state_of(world, "middle") == "ended");
  CHECK(state_of(world, "inner") == "ended");
  CHECK(state_of(world, "apart") == "active");
  CHECK(says(fault_of_run(world, wish_of("late", id_of(middle))), "has ended"));
  CHECK(says(fault_of_run(world, resuming("inner")), "inside another run"));
}

TEST_CASE("a key that is revoked takes the runs inside it along") {
  PlaneWorld world;
  const auto outer = begin(world, wish_of("outer"));
  const auto inner = begin(world, wish_of("inner", id_of(outer)));
  REQUIRE(world.client.revoke_key("outer"));
  CHECK(state_of(world, "inner") == "ended");
}

TEST_CASE("runs stand five deep in each other, and no deeper") {
  PlaneWorld world;
  std::vector<HeldCall> held;
  held.push_back(begin(world, wish_of("")));
  for (std::size_t deep = 1; deep < most_runs_deep; ++deep)
    held.push_back(begin(world, wish_of("", id_of(held.back()))));
  CHECK(id_of(held.back()).size() <= 64);
  CHECK(says(fault_of_run(world, wish_of("", id_of(held.back()))), "at most 5 deep"));
}

TEST_CASE("after a restart a run waits to be attached again, and ends when its grace is over") {
  PlaneWorld world;
  std::string kept, lost;
  {
    const auto one = begin(world, wish_of("kept")), two = begin(world, wish_of("lost"));
    kept = id_of(one);
    lost = id_of(two);
    world.start();  // a daemon that stops ends no run
  }
  CHECK(state_of(world, "kept") == "active");
  CHECK(state_of(world, "lost") == "active");
  auto attached = world.client.attach_run(kept);
  REQUIRE(attached);
  CHECK(fault_of(world.client.end_run("nobody")).starts_with("not_found"));
  CHECK_FALSE(world.client.attach_run(kept));
  world.clock.advance(std::chrono::seconds(31));
  CHECK(becomes(world, "lost", "ended"));
  CHECK(state_of(world, "kept") == "active");
  CHECK_FALSE(world.client.attach_run(lost));
  attached->connection.reset();
  CHECK(becomes(world, "kept", "ended"));
}

TEST_CASE("the last hundred runs that ended are kept, the oldest go first") {
  PlaneWorld world;
  for (int i = 0; i < 103; ++i) {
    world.clock.advance(std::chrono::seconds(1));
    auto held = begin(world, wish_of("run-" + std::to_string(i)));
    REQUIRE(world.client.end_run(id_of(held)));
  }
  CHECK(state_of(world, "run-0") == "none");
  CHECK(state_of(world, "run-1") == "none");
  CHECK(state_of(world, "run-3") == "ended");
  CHECK(state_of(world, "run-102") == "ended");
}

TEST_CASE("a receipt sums up the run and those inside it, since it was last started") {
  PlaneWorld world;
  const auto outer = begin(world, wish_of("outer"));
  const auto inner = begin(world, wish_of("inner", id_of(outer)));
  const auto commit = [&](const HeldCall& run, const char* model, std::int64_t cost) {
    TraceRow row = world.row(model, cost);
    row.key_id = id_of(run);
    row.usage.cache_read = 30;
    row.route = cost > 50 ? Route::fallback : Route::primary;
    row.state = cost == 0 ? FinalState::refused : FinalState::completed;
    world.commit(row);
  };
  commit(outer, "lab/small", 10);
  commit(inner, "lab/large", 100);
  commit(inner, "lab/small", 0);
  const auto receipt = world.client.end_run(id_of(outer));
  REQUIRE(receipt);
  CHECK((*receipt)["requests"] == 3);
  CHECK((*receipt)["cost_picousd"] == 110);
  CHECK((*receipt)["cache_hit_percent"] == 75);
  CHECK((*receipt)["fallbacks"] == 1);
  CHECK((*receipt)["refusals"] == 1);
  REQUIRE((*receipt)["models"].size() == 2);
  CHECK((*receipt)["models"][0]["model"] == "lab/large");
  CHECK((*receipt)["models"][1]["requests"] == 2);
  world.clock.advance(std::chrono::seconds(1));
  const auto again = begin(world, resuming("outer"));
  CHECK((*world.client.end_run(id_of(again)))["requests"] == 0);
}

TEST_CASE("what is no held call is refused in words, and one that says nothing is no run") {
  PlaneWorld world;
  const auto socket = world.paths.control_socket().parent_path() / control::held_socket_name;
  const auto called = control::hold_call(socket, "/keys/list", Json::object());
  REQUIRE_FALSE(called);
  CHECK(called.error().kind == ErrorKind::not_found);
  const auto crooked = control::hold_call(socket, control::path::run_begin, Json::array());
  REQUIRE_FALSE(crooked);
  CHECK(crooked.error().kind == ErrorKind::invalid);
  CHECK(world.client.list_keys(true)->empty());
}

}  // namespace
}  // namespace routerone
