#include <doctest/doctest.h>

#include <fstream>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::Ran;
using test::run_cli;
namespace path = control::path;

constexpr const char* wallet = R"({"schema":1,"scope":"wallet",
  "limit":{"usd":"20.000000","every":"month","rolling":false,"timezone":"UTC","warn_percent":80},
  "spent_usd":"5.000000","reserved_usd":"1.000000","left_usd":"14.000000","used_percent":30,
  "resets":"2026-12-01T00:00:00.000000Z","settled_usd":"7.000000","running":1,"stopped":false,
  "reached":false,"balance_usd":"40.000000",
  "topups":[{"time":"2026-11-01T00:00:00.000000Z","usd":"47.000000","note":"card"}]})";
constexpr const char* used_up = R"({"schema":1,"scope":"key:ci",
  "limit":{"usd":"1.000000","every":"total"},"spent_usd":"1.000000","reserved_usd":"0.000000",
  "left_usd":"0.000000","used_percent":100,"resets":null,"reached":true})";

TEST_CASE("budgets are one line a scope in a pipe, and one object a scope as JSON") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::budget_list, std::string("[") + wallet + "," + used_up + "]");
  const Ran ran = run_cli({"budgets", "show"});
  CHECK(ran.code == 0);
  CHECK(ran.out ==
        "wallet\t20.000000\tmonth\t5.000000\t1.000000\t14.000000\t2026-12-01T00:00:00.000000Z\t30\n"
        "key:ci\t1.000000\ttotal\t1.000000\t0.000000\t0.000000\t\t100\n");
  CHECK(ran.err.find("prepaid balance: $40") != std::string::npos);
  CHECK(Json::parse(run_cli({"budgets", "show", "--json"}).out)[1]["scope"] == "key:ci");
}

TEST_CASE("the wallet alone shows its balance and every top-up") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::budget_show, wallet);
  const Ran ran = run_cli({"budgets", "show", "wallet"});
  CHECK(daemon.asked(path::budget_show) == Json::parse(R"({"name":"wallet"})"));
  CHECK(ran.out.find("balance\t40.000000\n") != std::string::npos);
  CHECK(ran.out.find("2026-11-01T00:00:00.000000Z\t47.000000\tcard\n") != std::string::npos);
}

TEST_CASE("a used up budget is exit 6 where that is asked for") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::budget_list, std::string("[") + wallet + "," + used_up + "]");
  daemon.answer(path::budget_show, wallet);
  CHECK(run_cli({"budgets", "show"}).code == 0);
  CHECK(run_cli({"budgets", "show", "--check"}).code == 6);
  CHECK(run_cli({"budgets", "show", "wallet", "--check"}).code == 0);
  daemon.answer(path::budget_show, used_up);
  CHECK(run_cli({"budgets", "show", "key:ci", "--check", "--json"}).code == 6);
}

TEST_CASE("a budget is set as it was typed, and a correction may be below zero") {
  const Home home;
  FakeDaemon daemon(home);
  for (const char* each : {path::budget_set, path::budget_topup, path::budget_clear})
    daemon.answer(each, wallet);
  CHECK(run_cli({"budgets", "set", "key:ci", "2", "--every", "week", "--timezone", "Asia/Tokyo",
                 "--warn", "50"})
            .code == 0);
  CHECK(daemon.asked(path::budget_set) ==
        Json::parse(R"({"scope":"key:ci","max_spend":"2","every":"week","timezone":"Asia/Tokyo",
                        "warn":"50"})"));
  CHECK(run_cli({"budgets", "topup", "20", "--note", "card"}).code == 0);
  CHECK(daemon.asked(path::budget_topup) == Json::parse(R"({"amount":"20","note":"card"})"));
  CHECK(run_cli({"budgets", "topup", "-2.5"}).code == 0);
  CHECK(daemon.asked(path::budget_topup)["amount"] == "-2.5");
  CHECK(run_cli({"budgets", "clear", "key:ci"}).code == 0);
  CHECK(daemon.asked(path::budget_clear) == Json::parse(R"({"scope":"key:ci","prepaid":false})"));
  CHECK(run_cli({"budgets", "clear", "wallet", "--prepaid"}).code == 2);  // nobody to ask
  CHECK(run_cli({"budgets", "clear", "wallet", "--prepaid", "--yes"}).code == 0);
  CHECK(run_cli({"budgets", "set", "wallet"}).code == 2);
}

TEST_CASE("a provider's file goes to the daemon in parts, and the parts are told as one") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::budget_reconcile, R"({"schema":1,"dry_run":false,"changed":[{"id":"t",
    "was_usd":"0.500000","cost_usd":"0.020000","difference_usd":"-0.480000"}],"unknown":["x"],
    "equal":3,"difference_usd":"-0.480000","unanswered":[],"left":0})");
  const auto file = (home.path() / "costs.csv").string();
  std::ofstream out(file);
  out << "id,cost\n";
  for (int i = 0; i < 2'001; ++i) out << "gen-" << i << ",0.02\n";
  out.close();
  const Ran ran = run_cli({"budgets", "reconcile", file, "--all", "--json"});
  REQUIRE_MESSAGE(ran.code == 0, ran.err);
  const Json done = Json::parse(ran.out);
  CHECK(done["changed"].size() == 2);
  CHECK(done["equal"] == 6);
  CHECK(done["difference_usd"] == "-0.960000");
  const Json asked = daemon.asked(path::budget_reconcile);
  CHECK(asked["costs"] == Json::parse(R"([["gen-2000","0.020000"]])"));
  CHECK(asked["all"] == true);
  const Ran told = run_cli({"budgets", "reconcile", file});
  CHECK(told.out.starts_with("t\t"));
  CHECK(told.err.find("2 changed, 6 were right, difference -$0.96") != std::string::npos);
}

TEST_CASE("costs come from a file or a provider, never from both or from nowhere") {
  const Home home;
  FakeDaemon daemon(home);
  CHECK(run_cli({"budgets", "reconcile"}).code == 2);
  CHECK(run_cli({"budgets", "reconcile", "a.csv", "--provider", "p"}).code == 2);
  CHECK(run_cli({"budgets", "reconcile", "/no/such/file.csv"}).code == 5);
  CHECK(daemon.asked(path::budget_reconcile).is_null());
}

}  // namespace
}  // namespace routerone::cli
