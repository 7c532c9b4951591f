#include <doctest/doctest.h>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::BudgetWish;
using test::fault_of;
using test::PlaneWorld;
using test::says;

BudgetWish budget(const std::string& scope, const std::string& usd) {
  BudgetWish wish;
  wish.scope = scope;
  wish.spend.max_spend = usd;
  return wish;
}

TEST_CASE("a budget is set on the wallet, a project or a key, which then goes by its id") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  for (const char* scope : {"wallet", "project:default", "key:ci"}) {
    CAPTURE(scope);
    const auto set = world.client.set_budget(budget(scope, "3"));
    REQUIRE_MESSAGE(set, fault_of(set));
    CHECK((*set)["scope"] == scope);
    CHECK((*set)["limit"]["usd"] == "3.000000");
    CHECK((*set)["left_usd"] == "3.000000");
  }
  CHECK(world.admission.state(key_scope(world.record_of("ci").id)).limit.has_value());
  CHECK(world.admission.state(wallet_scope).limit.has_value());
  CHECK(world.client.list_budgets()->size() == 3);
  CHECK((*world.client.show_key("ci"))["max_spend"]["usd"] == "3.000000");
}

TEST_CASE("what is spent shows in every scope above, and a used up budget says so") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  REQUIRE(world.client.set_budget(budget("wallet", "2")));
  REQUIRE(world.client.set_budget(budget("key:ci", "1")));
  world.spend("ci", 1'000'000'000'000);
  const auto key = world.client.show_budget("key:ci");
  CHECK((*key)["left_usd"] == "0.000000");
  CHECK((*key)["used_percent"] == 100);
  CHECK((*key)["reached"] == true);
  const auto wallet = world.client.show_budget("wallet");
  CHECK((*wallet)["spent_usd"] == "1.000000");
  CHECK((*wallet)["left_usd"] == "1.000000");
  CHECK((*wallet)["reached"] == false);
  const auto project = world.client.show_budget("project:default");
  CHECK((*project)["limit"].is_null());
  CHECK((*project)["left_usd"].is_null());
  CHECK((*project)["spent_usd"] == "1.000000");
}

TEST_CASE("clearing a budget lets requests through again at once") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  REQUIRE(world.client.set_budget(budget("key:ci", "1")));
  CHECK(world.admission.limits_spend(world.record_of("ci")));
  const auto cleared = world.client.clear_budget({"key:ci", false});
  REQUIRE(cleared);
  CHECK((*cleared)["limit"].is_null());
  CHECK_FALSE(world.admission.limits_spend(world.record_of("ci")));
  CHECK(fault_of(world.client.clear_budget({"key:ci", false})).starts_with("not_found"));
}

TEST_CASE("a scope that is none, or not there, is refused") {
  PlaneWorld world;
  REQUIRE(world.create_key("laptop"));
  for (const char* scope : {"", "everything", "key", "project", "provider:x", "WALLET"}) {
    CAPTURE(scope);
    CHECK(fault_of(world.client.set_budget(budget(scope, "1"))).starts_with("invalid"));
    CHECK(says(fault_of(world.client.show_budget(scope)), "wallet, project:NAME or key:NAME"));
  }
  CHECK(fault_of(world.client.show_budget("key:")).starts_with("not_found"));
  CHECK(says(fault_of(world.client.set_budget(budget("key:labtop", "1"))), "laptop"));
  CHECK(fault_of(world.client.set_budget(budget("project:none", "1"))).starts_with("not_found"));
  CHECK(says(fault_of(world.client.set_budget(budget("wallet", "none"))), "budgets clear"));
}

TEST_CASE("the first top-up makes the wallet prepaid from then on") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  world.spend("ci", 4'000'000'000'000);  // before: not out of the balance
  CHECK((*world.client.show_budget("wallet"))["balance_usd"].is_null());
  CHECK_FALSE(world.admission.limits_spend(world.record_of("ci")));
  REQUIRE(world.client.top_up({"10", "card"}));
  CHECK(world.admission.limits_spend(world.record_of("ci")));
  world.spend("ci", 3'000'000'000'000);
  REQUIRE(world.client.top_up({"$0.5", ""}));
  world.start();
  const auto wallet = world.client.show_budget("wallet");
  REQUIRE(wallet);
  CHECK((*wallet)["balance_usd"] == "7.500000");
  CHECK((*wallet)["left_usd"] == "7.500000");
  REQUIRE((*wallet)["topups"].size() == 2);
  CHECK((*wallet)["topups"][0]["usd"] == "10.000000");
  CHECK((*wallet)["topups"][0]["note"] == "card");
  CHECK(world.snapshot()->data.wallet.settled_before == Money{4'000'000'000'000});
}

TEST_CASE("a top-up is corrected down to what is left, never below") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  CHECK(fault_of(world.client.top_up({"-1", ""})).starts_with("invalid"));
  REQUIRE(world.client.top_up({"10", ""}));
  world.spend("ci", 2'000'000'000'000);
  const std::string fault = fault_of(world.client.top_up({"-8.000001", ""}));
  CHECK(says(fault, "the balance is 8.000000"));
  CHECK(says(fault, "topup -8.000000"));
  REQUIRE(world.client.top_up({"-8", "typed 10 for 2"}));
  CHECK((*world.client.show_budget("wallet"))["balance_usd"] == "0.000000");
  CHECK((*world.client.show_budget("wallet"))["reached"] == true);
}

TEST_CASE("a top-up of nothing, of too much or with an odd note is refused") {
  PlaneWorld world;
  for (const char* usd : {"0", "", "ten", "1000001", "-1000001", "1e-13"})
    CHECK(fault_of(world.client.top_up({usd, ""})).starts_with("invalid"));
  CHECK(fault_of(world.client.top_up({"1", "two\nlines"})).starts_with("invalid"));
  REQUIRE(world.client.top_up({"1000000", ""}));
  CHECK(fault_of(world.client.top_up({"1", ""})).starts_with("invalid"));
}

TEST_CASE("forgetting the top-ups ends the balance, and nothing else of the wallet's scope") {
  PlaneWorld world;
  REQUIRE(world.client.top_up({"10", ""}));
  CHECK(says(fault_of(world.client.clear_budget({"wallet", false})), "--prepaid"));
  CHECK(fault_of(world.client.clear_budget({"project:default", true})).starts_with("invalid"));
  const auto cleared = world.client.clear_budget({"wallet", true});
  REQUIRE(cleared);
  CHECK((*cleared)["balance_usd"].is_null());
  CHECK((*cleared)["topups"].empty());
}

TEST_CASE("the daemon's status tells what is left in the wallet") {
  PlaneWorld world;
  REQUIRE(world.client.top_up({"10", ""}));
  const auto status = world.client.status();
  REQUIRE(status);
  CHECK((*status)["wallet"]["balance_usd"] == "10.000000");
  CHECK((*status)["store"]["rows_interrupted"] == 0);
}

TEST_CASE("a change that cannot be saved leaves the limits as they were") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  REQUIRE(world.client.set_budget(budget("key:ci", "1")));
  std::filesystem::create_directories(world.paths.control_file().string() + ".tmp/in-the-way");
  CHECK_FALSE(world.client.set_budget(budget("key:ci", "100")));
  CHECK(world.admission.state(key_scope(world.record_of("ci").id)).limit->amount ==
        Money{1'000'000'000'000});
  CHECK((*world.client.show_budget("key:ci"))["limit"]["usd"] == "1.000000");
}

}  // namespace
}  // namespace routerone
