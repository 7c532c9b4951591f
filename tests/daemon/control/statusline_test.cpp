#include <doctest/doctest.h>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using test::fault_of;
using test::PlaneWorld;

TraceRow of_session(PlaneWorld& world, const std::string& session, std::int64_t picousd) {
  TraceRow row = world.row("openai/a", picousd);
  row.session = session;
  return row;
}

TEST_CASE("a status line tells a session's cost, the day's, and the model that served last") {
  PlaneWorld world;
  world.commit(of_session(world, "mine", 7'000'000'000));  // of the day before yesterday
  world.clock.advance(std::chrono::hours(48));
  world.commit(of_session(world, "mine", 1'000'000'000));
  world.commit(of_session(world, "other", 2'000'000'000));
  TraceRow refused = of_session(world, "mine", 0);
  refused.model.clear();
  world.commit(refused);
  const auto line = world.client.statusline({"mine", "ci"});
  REQUIRE(line);
  CHECK((*line)["schema"] == 1);
  CHECK((*line)["session_cost_usd"] == "0.008000");
  CHECK((*line)["session_requests"] == 3);
  CHECK((*line)["today_usd"] == "0.003000");
  CHECK((*line)["model"] == "openai/a");
  CHECK((*line)["left_usd"].is_null());
  CHECK((*line)["left_scope"].is_null());
}

TEST_CASE("of everything, a status line has no session and is empty where nothing was asked yet") {
  PlaneWorld world;
  const auto line = world.client.statusline({});
  REQUIRE(line);
  CHECK((*line)["session_cost_usd"].is_null());
  CHECK((*line)["session_requests"] == 0);
  CHECK((*line)["today_usd"] == "0.000000");
  CHECK((*line)["model"].is_null());
}

TEST_CASE("what is left is what the tightest limit leaves that binds the key") {
  PlaneWorld world;
  control::LimitsWish limits;
  limits.spend.max_spend = "2";
  REQUIRE(world.create_key("ci", limits));
  REQUIRE(world.create_key("free"));
  CHECK((*world.client.statusline({"", "ci"}))["left_usd"] == "2.000000");
  CHECK((*world.client.statusline({"", "ci"}))["left_scope"] == "key:ci");
  CHECK((*world.client.statusline({"", "free"}))["left_usd"].is_null());
  control::BudgetWish wallet{"wallet", {}};
  wallet.spend.max_spend = "1.5";
  REQUIRE(world.client.set_budget(wallet));
  CHECK((*world.client.statusline({"", "ci"}))["left_scope"] == "wallet");
  CHECK((*world.client.statusline({"", "free"}))["left_usd"] == "1.500000");
  CHECK((*world.client.statusline({}))["left_usd"] == "1.500000");
  // A session binds the key it is asked with.
  world.commit(of_session(world, "mine", 1));
  wallet.scope = "key:ci";
  wallet.spend.max_spend = "1";
  REQUIRE(world.client.set_budget(wallet));
  CHECK((*world.client.statusline({"mine", ""}))["left_scope"] == "key:ci");
}

}  // namespace
}  // namespace routerone
