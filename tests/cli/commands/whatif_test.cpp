#include <doctest/doctest.h>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::run_cli;
namespace path = control::path;

const std::string answer = R"({
  "schema": 1, "weights": null, "without": [], "first": "2026-11-14T12:00:00.000000Z",
  "last": "2026-11-20T12:00:00.000000Z", "requests": 210, "unchanged": 150, "moved": 48,
  "nobody_left": 2, "no_choice": 6, "not_served": 4,
  "not_judged": {"failed": 0, "too_many_candidates": 0, "other_rules": 0},
  "moves": [{"from": "a/m", "to": "b/m", "requests": 48, "share": 1.0,
             "change_usd": "-0.500000", "change_picousd": -500000000000, "unknown_cost": 0}],
  "cost": {"actual_usd": "2.000000", "actual_picousd": 2000000000000, "replayed_usd": "1.500000",
           "replayed_picousd": 1500000000000, "change_usd": "-0.500000",
           "change_picousd": -500000000000, "estimated": true, "unknown": 1,
           "nobody_left_usd": "0.100000", "nobody_left_picousd": 100000000000},
  "latency": {"requests": 48, "change_ms": 1250.0, "unknown": 0},
  "refused": {"requests": 3, "cost_usd": "0.300000", "cost_picousd": 300000000000,
              "limits": [{"limit": "key:ci=2/day", "requests": 100, "refused": 3,
                          "first_refused": "2026-11-19T12:00:00.000000Z"}]}})";

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what is to be other goes to the daemon as it was typed, a week of it unless said") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::route_replay, answer);
  CHECK(run_cli({"whatif"}).code == 0);
  CHECK(daemon.asked(path::route_replay)["terms"] == Json::parse(R"(["since=7d"])"));
  CHECK(
      run_cli({"whatif", "key=ci", "--since", "2d", "--weights", "cost=.8,latency=.2", "--without",
               "a", "--without", "b", "--limit", "key:ci=2/day", "--limit", "wallet=50"})
          .code == 0);
  CHECK(daemon.asked(path::route_replay) ==
        Json::parse(R"({"terms": ["key=ci", "since=2d"], "weights": ["cost=.8", "latency=.2"],
                        "without": ["a", "b"], "limits": ["key:ci=2/day", "wallet=50"]})"));
  CHECK(run_cli({"whatif", "until=3h", "--weights", "cheap"}).code == 0);
  CHECK(daemon.asked(path::route_replay)["terms"] == Json::parse(R"(["until=3h"])"));
  CHECK(daemon.asked(path::route_replay)["weights"] == Json::parse(R"(["cheap"])"));
}

TEST_CASE("a replay is printed line by line, with exact values for programs") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::route_replay, answer);
  const auto ran = run_cli({"whatif"});
  CHECK(ran.code == 0);
  for (const char* line :
       {"requests\t210\n", "unchanged\t150\n", "moved\t48\n", "cost\t-0.500000\n",
        "latency\t1250.0\n", "nobody left\t2\n", "a/m\tb/m\t48\t1.0\t-0.500000\n",
        "key:ci=2/day\t100\t3\t2026-11-19T12:00:00.000000Z\n"})
    CHECK_MESSAGE(says(ran.out, line), line);
  CHECK(says(ran.err, "3 requests of $0.30 in all would have been refused"));
  CHECK(says(ran.err, "estimated"));
  CHECK_FALSE(says(ran.out, "failed then"));
  CHECK(Json::parse(run_cli({"whatif", "--json"}).out) == Json::parse(answer));
}

TEST_CASE("no requests are nothing to replay") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::route_replay, R"({"schema":1,"requests":0})");
  const auto ran = run_cli({"whatif"});
  CHECK(ran.code == 0);
  CHECK(ran.out.empty());
  CHECK(ran.err == "no requests\n");
}

}  // namespace routerone::cli
