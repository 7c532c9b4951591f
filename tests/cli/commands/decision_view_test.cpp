#include "cli/commands/decision_view.h"

#include <doctest/doctest.h>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

const std::string trace = R"({
  "schema": 1, "id": "0193", "requested_model": "auto", "model": "lab/m", "provider": "acme",
  "attempts": [{"provider": "acme", "account": "work", "upstream_model": "m", "status": 200,
                "error": null, "code": null, "latency_ms": 12.5}],
  "routing": {
    "weights": {"latency": 0.5, "cost": 0.3, "quality": 0.2}, "sticky": "acme#work/m",
    "trial": false, "sorted": false,
    "candidates": [
      {"provider": "acme", "target": "acme#work/m", "model": "lab/m", "score": 0.75,
       "latency_ms": 1200.0, "cost": 0.00125, "quality": 0.9, "health": 1.0,
       "terms": {"latency": 0.5, "cost": 1.0, "quality": 0.9}, "tier": 0, "last_resort": false,
       "out": false},
      {"provider": "beta", "target": "beta/m", "model": "lab/m", "score": 0.5, "latency_ms": null,
       "cost": null, "quality": null, "health": 0.5,
       "terms": {"latency": 0.5, "cost": 0.5, "quality": 0.5}, "tier": 1, "last_resort": true,
       "out": false},
      {"provider": "gone", "target": "gone/m", "model": "lab/m", "score": 0.1, "latency_ms": 1.0,
       "cost": 0, "quality": 0.1, "health": 0.0, "terms": {}, "tier": 0, "last_resort": true,
       "out": true}],
    "excluded": [{"model": "lab/x", "provider": "acme", "reason": "tools",
                  "words": "it cannot call tools"}]}})";

}  // namespace

TEST_CASE("a trace shows its decision: each candidate with its terms, and who was left out why") {
  const test::Home home;
  test::FakeDaemon daemon(home);
  daemon.answer(control::path::trace_show, trace);
  const auto ran = test::run_cli({"traces", "show", "0193"});
  CHECK(ran.code == 0);
  for (const char* line :
       {"weights\tlatency=0.5 cost=0.3 quality=0.2\n", "session was at\tacme#work/m\n",
        "1\tacme#work/m\tlab/m\t0.75\t1200.0\t0.00125\t0.9\t1.0\tserved before\n",
        "2\tbeta/m\tlab/m\t0.5\t\t\t\t0.5\tlast resort, stands in\n",
        "\tgone/m\tlab/m\t0.1\t1.0\t0\t0.1\t0.0\tsaid when to come back\n", "lab/x\tacme\ttools\n",
        "1\tacme#work\tm\t200\t"})
    CHECK_MESSAGE(ran.out.find(line) != std::string::npos, line);
}

TEST_CASE("an amount that is only expected is told with two digits that count") {
  CHECK(usd_about(0.00123) == "$0.0012");
  CHECK(usd_about(1.5) == "$1.50");
  CHECK(usd_about(123.456) == "$123.46");
  CHECK(usd_about(0.0000000042) == "$0.0000000042");
  CHECK(usd_about(0) == "$0");
  CHECK(usd_about(-1) == "$0");
}

}  // namespace routerone::cli
