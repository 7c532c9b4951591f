#include <doctest/doctest.h>

#include "tests/cli/commands/golden.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::run_cli;
using Strings = std::vector<std::string>;
namespace path = control::path;

constexpr const char* one_line = R"([{"schema":1,"model":"a/b","day":"2026-11-20","requests":2,
  "errors":1,"input_tokens":10,"cache_read_tokens":30,"cache_write_tokens":0,"output_tokens":5,
  "cost_usd":"0.000001000001","cost_picousd":1000001,"unknown_cost_requests":0,
  "error_share":0.5,"cache_hit_share":0.75,"p50_ms":12.5,"p95_ms":900,"complete":false}])";

std::string on_terminal(const Strings& words) {
  return test::seen_by({"", 100, {{"NO_COLOR", "1"}}}, words);
}

TEST_CASE(
    "a person who asks for nothing in particular sees the last 30 days by model, with a total") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::usage, one_line);
  const std::string seen = on_terminal({"usage"});
  CHECK(seen.starts_with("the last 30 days\r\nMODEL"));
  CHECK(seen.find("\r\ntotal") != std::string::npos);
  const Json asked = daemon.asked(path::usage);
  CHECK(asked["by"] == Json::array());  // the total, which is asked for last
  CHECK(asked["terms"] == Json::parse(R"(["since=30d"])"));
  CHECK(asked["timezone"] == "UTC");
  CHECK(asked["parts"] == 12);
  CHECK(on_terminal({"usage", "--since", "7d"}).starts_with("MODEL"));
  CHECK(daemon.asked(path::usage)["terms"] == Json::parse(R"(["since=7d"])"));
  CHECK(on_terminal({"usage", "until=2026-11-01"}).starts_with("MODEL"));
}

TEST_CASE("what is told day by day has no course over time beside it") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::usage, one_line);
  const std::string seen = on_terminal({"usage", "--by", "day", "--timezone", "Europe/Berlin"});
  CHECK(seen.find("2026-11-20") != std::string::npos);
  CHECK(seen.find("OVER TIME") == std::string::npos);
  CHECK(daemon.asked(path::usage)["parts"] == 0);
  CHECK(daemon.asked(path::usage)["timezone"] == "Europe/Berlin");
  CHECK(seen.find("more to read than time for it") != std::string::npos);
}

TEST_CASE("a program is told every sum exactly, of all time unless it says otherwise") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::usage, one_line);
  CHECK(run_cli({"usage", "--by", "model"}).out ==
        "a/b\t2\t1\t0.000001000001\t0\t10\t5\t30\t0\t12.5\t900\t0.5\t0.75\n");
  CHECK(daemon.asked(path::usage) == Json::parse(R"({"by":["model"],"terms":[],"parts":0})"));
}

TEST_CASE("nothing used is said, and is no failure") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::usage, "[]");
  CHECK(on_terminal({"usage"}) == "nothing was used in the last 30 days\r\n");
  CHECK(on_terminal({"usage", "--since", "1h"}) == "nothing was used\r\n");
  test::set_environment({});
}

}  // namespace
}  // namespace routerone::cli
