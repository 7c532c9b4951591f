#include <doctest/doctest.h>

#include "daemon/control/cost_query.h"
#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::ReconcileWish;
using test::fault_of;
using test::PlaneWorld;
using test::says;

constexpr std::int64_t cent = 10'000'000'000;

/// A row of the key ci with what it was charged, in the ledger too.
struct Charged {
  explicit Charged(PlaneWorld& with) : world(with) { REQUIRE(world.create_key("ci")); }

  TraceRow add(const char* upstream_id, std::int64_t cost, FinalState state, UsageSource source) {
    const KeyRecord key = world.record_of("ci");
    TraceRow row = world.row("mybox/llama", cost);
    row.key_id = key.id;
    row.upstream_request_id = upstream_id;
    row.state = state;
    row.usage_source = source;
    world.commit(row, {{wallet_scope, Money{cost}},
                       {project_scope("default"), Money{cost}},
                       {key_scope(key.id), Money{cost}}});
    world.spend("ci", cost);
    return row;
  }
  TraceRow interrupted(const char* upstream_id, std::int64_t cost) {
    return add(upstream_id, cost, FinalState::interrupted, UsageSource::estimate);
  }
  TraceRow completed(const char* upstream_id, std::int64_t cost) {
    return add(upstream_id, cost, FinalState::completed, UsageSource::upstream);
  }
  std::string spent(const std::string& scope) const {
    return (*world.client.show_budget(scope))["spent_usd"];
  }

  PlaneWorld& world;
};

ReconcileWish costs(control::Pairs pairs) {
  ReconcileWish wish;
  wish.costs = std::move(pairs);
  return wish;
}

TEST_CASE("an interrupted request is charged what it really cost, in trace, ledger and limits") {
  PlaneWorld world;
  Charged charged(world);
  REQUIRE(world.client.set_budget({"key:ci", {"1", "day", {}, "UTC", {}}}));
  const TraceRow row = charged.interrupted("gen-1", 50 * cent);
  CHECK(charged.spent("key:ci") == "0.500000");
  const auto done = world.client.reconcile(costs({{"gen-1", "0.02"}, {"gen-9", "1"}}));
  REQUIRE_MESSAGE(done, fault_of(done));
  REQUIRE((*done)["changed"].size() == 1);
  CHECK((*done)["changed"][0]["id"] == row.id);
  CHECK((*done)["changed"][0]["was_usd"] == "0.500000");
  CHECK((*done)["changed"][0]["cost_usd"] == "0.020000");
  CHECK((*done)["difference_usd"] == "-0.480000");
  CHECK((*done)["unknown"] == Json::array({"gen-9"}));
  for (const char* scope : {"key:ci", "project:default", "wallet"})
    CHECK(charged.spent(scope) == "0.020000");
  CHECK((*world.client.show_trace(row.id))["cost_usd"] == "0.020000");
  CHECK(world.traces->settled().at(wallet_scope) == Money{2 * cent});
  // Once more: nothing is left to put right.
  const auto again = world.client.reconcile(costs({{"gen-1", "0.02"}}));
  CHECK((*again)["changed"].empty());
  CHECK((*again)["equal"] == 1);
}

TEST_CASE("what a provider reported itself is changed only when all is asked for") {
  PlaneWorld world;
  Charged charged(world);
  charged.completed("gen-1", 3 * cent);
  ReconcileWish wish = costs({{"gen-1", "0.04"}});
  CHECK((*world.client.reconcile(wish))["changed"].empty());
  CHECK(charged.spent("wallet") == "0.030000");
  wish.all = true;
  CHECK((*world.client.reconcile(wish))["difference_usd"] == "0.010000");
  CHECK(charged.spent("wallet") == "0.040000");
}

TEST_CASE("a dry run tells the same and changes nothing") {
  PlaneWorld world;
  Charged charged(world);
  charged.interrupted("gen-1", 50 * cent);
  const TraceRow row = charged.completed("gen-2", 3 * cent);
  charged.completed("gen-3", 5 * cent);  // as reported: changed only with `all`
  ReconcileWish wish =
      costs({{"gen-1", "0.02"}, {row.id, "0.03"}, {"gen-3", "0.01"}, {"gen-9", "1"}});
  wish.dry_run = true;
  const auto told = world.client.reconcile(wish);
  REQUIRE(told);
  CHECK((*told)["dry_run"] == true);
  CHECK((*told)["changed"].size() == 1);
  CHECK(charged.spent("wallet") == "0.580000");
  wish.dry_run = false;
  Json done = *world.client.reconcile(wish);
  done["dry_run"] = true;
  CHECK(done == *told);
}

TEST_CASE("a cost that is none, is below 0, or comes from nowhere is refused") {
  PlaneWorld world;
  for (const char* usd : {"-0.01", "", "free", "1e30"})
    CHECK(fault_of(world.client.reconcile(costs({{"gen-1", usd}}))).starts_with("invalid"));
  CHECK(fault_of(world.client.reconcile(ReconcileWish())).starts_with("invalid"));
  ReconcileWish both = costs({{"gen-1", "1"}});
  both.provider = "mybox";
  CHECK(fault_of(world.client.reconcile(both)).starts_with("invalid"));
}

TEST_CASE("a provider that tells is asked for each doubtful request of its own") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  Charged charged(world);
  charged.interrupted("gen/1 x", 50 * cent);
  charged.interrupted("gen-2", 10 * cent);
  charged.completed("gen-3", 10 * cent);
  world.probe_answer = [](const control::ProbeRequest& request) {
    control::ProbeAnswer answer;
    const bool first = request.path == "/generation?id=gen%2F1%20x";
    answer.status = first ? 200 : 404;
    answer.body = first ? R"({"data":{"id":"gen/1 x","total_cost":0.0015}})" : "{}";
    return answer;
  };
  ReconcileWish wish;
  wish.provider = "mybox";
  const auto done = world.client.reconcile(wish);
  REQUIRE_MESSAGE(done, fault_of(done));
  REQUIRE((*done)["changed"].size() == 1);
  CHECK((*done)["changed"][0]["cost_usd"] == "0.001500");
  CHECK((*done)["unanswered"] == Json::array({"gen-2"}));
  CHECK((*done)["left"] == 0);
  CHECK(world.probed().size() == 2);
  CHECK(world.probed().front().method == "GET");
}

TEST_CASE("a provider that cannot be asked is exit 7, and nothing changes") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  Charged charged(world);
  charged.interrupted("gen-1", 50 * cent);
  ReconcileWish wish;
  wish.provider = "mybox";
  for (const auto& [status, fault] :
       {std::pair{401, ""}, std::pair{500, ""}, std::pair{0, "connect_refused"}}) {
    world.probe_answer = [status = status, fault = fault](const control::ProbeRequest&) {
      control::ProbeAnswer answer;
      answer.status = status;
      answer.fault = fault;
      return answer;
    };
    CHECK(fault_of(world.client.reconcile(wish)).starts_with("upstream_failed"));
  }
  CHECK(charged.spent("wallet") == "0.500000");
  wish.provider = "mybocks";
  CHECK(says(fault_of(world.client.reconcile(wish)), "mybox"));
}

TEST_CASE("only a cost is taken from what a provider tells") {
  using control::cost_of_generation;
  CHECK(cost_of_generation(R"({"data":{"total_cost":0.00014850000000000001}})") ==
        Money{148'500'000});
  CHECK(cost_of_generation(R"({"data":{"total_cost":0}})") == Money{});
  CHECK(cost_of_generation(R"({"data":{"total_cost":1e-7}})") == Money{100'000});
  for (const char* body :
       {"", "{}", "[]", "null", R"({"data":[]})", R"({"data":{"total_cost":"1"}})",
        R"({"data":{"total_cost":-1}})", R"({"data":{"total_cost":1e300}})", "<html>"})
    CHECK_FALSE(cost_of_generation(body));
}

}  // namespace
}  // namespace routerone
