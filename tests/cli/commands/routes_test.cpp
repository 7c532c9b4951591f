#include <doctest/doctest.h>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::Ran;
using test::run_cli;
namespace path = control::path;

constexpr const char* settings = R"({"schema":1,"scope":"project:web",
  "weights":{"latency":0.5,"cost":0.3,"quality":1.0},"weights_from":"project",
  "failover_switches":2,"first_byte_floor_ms":30000,"first_byte_ceiling_ms":1500})";

TEST_CASE("what is set of routes goes to the daemon as it was typed") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::route_set, settings);
  const Ran ran = run_cli({"routes", "set", "--project", "web", "latency=.5", "cost=.3,quality=1",
                           "--failover-switches", "none", "--first-byte-floor", "30s",
                           "--first-byte-ceiling", "5m"});
  CHECK(ran.code == 0);
  CHECK(daemon.asked(path::route_set) ==
        Json::parse(R"({"project":"web","weights":["latency=.5","cost=.3","quality=1"],
          "failover_switches":"none","first_byte_floor":"30s","first_byte_ceiling":"5m"})"));
  CHECK(ran.out ==
        "weights\tproject web\tlatency=0.5 cost=0.3 quality=1\n"
        "failover switches\tproject web\t2\n"
        "first byte within\tproject web\t30s to 1500ms\n");
  CHECK(run_cli({"routes", "set", "--key", "ci", "fast"}).code == 0);
  CHECK(daemon.asked(path::route_set) == Json::parse(R"({"key":"ci","weights":["fast"]})"));
}

TEST_CASE("weights go with a key that is made or changed") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::key_update, R"({"schema":1,"name":"ci",
    "weights":{"latency":1.0,"cost":8.0,"quality":1.0}})");
  const Ran ran = run_cli({"keys", "update", "ci", "--weights", "cheap"});
  CHECK(ran.code == 0);
  CHECK(daemon.asked(path::key_update) == Json::parse(R"({"name":"ci","weights":["cheap"]})"));
  CHECK(ran.out.find("weights\tlatency=1 cost=8 quality=1\n") != std::string::npos);
}

TEST_CASE("a list is set, shown or taken away, never two of these") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::route_candidates,
                R"({"schema":1,"name":"coding","asked_for":"auto:coding","models":["a/b","c"]})");
  daemon.answer(path::route_show, R"({"schema":1,"candidates":[
    {"name":"auto","asked_for":"auto","models":["x/y"]},
    {"name":"coding","asked_for":"auto:coding","models":["a/b","c"]}]})");
  CHECK(run_cli({"routes", "candidates", "coding", "a/b", "--clear"}).code == 2);
  CHECK(run_cli({"routes", "candidates", "coding", ","}).code == 2);
  for (const char* name : {"coding", "auto:coding"}) {
    const Ran shown = run_cli({"routes", "candidates", name});
    CHECK(shown.code == 0);
    CHECK(shown.out == "a/b\nc\n");
  }
  CHECK(daemon.asked(path::route_candidates).is_null());
  const Ran none = run_cli({"routes", "candidates", "cheap"});
  CHECK(none.code == 5);
  CHECK(none.err.find("routes candidates cheap MODEL,..") != std::string::npos);

  CHECK(run_cli({"routes", "candidates", "coding", "a/b, c"}).code == 0);
  CHECK(daemon.asked(path::route_candidates) ==
        Json::parse(R"({"name":"coding","models":["a/b","c"]})"));
  CHECK(run_cli({"routes", "candidates", "coding", "--clear"}).code == 0);
  CHECK(daemon.asked(path::route_candidates) == Json::parse(R"({"name":"coding","models":[]})"));
}

TEST_CASE("a quality is said, and told back") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::model_quality, R"({"schema":1,"model":"a/b","quality":0.9})");
  const Ran ran = run_cli({"models", "quality", "b", ".9"});
  CHECK(ran.code == 0);
  CHECK(daemon.asked(path::model_quality) == Json::parse(R"({"model":"b","quality":".9"})"));
  CHECK(ran.err.find("a/b: quality 0.9") != std::string::npos);
  CHECK(run_cli({"models", "quality", "b"}).code == 2);
}

TEST_CASE("everything that is set of routes is shown, a line each") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::route_show, R"({"schema":1,"scope":"all",
    "weights":{"latency":1.0,"cost":1.0,"quality":1.0},"failover_switches":2,
    "first_byte_floor_ms":30000,"first_byte_ceiling_ms":290000,
    "projects":[{"scope":"project:web","weights":{"latency":8.0,"cost":1.0,"quality":1.0},
      "failover_switches":1,"first_byte_floor_ms":10000,"first_byte_ceiling_ms":290000}],
    "keys":[{"scope":"key:ci","weights":{"latency":0.0,"cost":1.0,"quality":0.0}}],
    "candidates":[{"name":"auto","asked_for":"auto","models":["a/b","c/d"]}],
    "qualities":[{"model":"a/b","quality":0.9}],
    "aliases":[{"alias":"x","model":"a/b"}],"fallbacks":[{"model":"a/b","chain":["c/d"]}]})");
  CHECK(run_cli({"routes", "show"}).out ==
        "weights\tall\tlatency=1 cost=1 quality=1\n"
        "failover switches\tall\t2\n"
        "first byte within\tall\t30s to 290s\n"
        "weights\tproject web\tlatency=8 cost=1 quality=1\n"
        "failover switches\tproject web\t1\n"
        "first byte within\tproject web\t10s to 290s\n"
        "weights\tkey ci\tlatency=0 cost=1 quality=0\n"
        "candidates\tauto\ta/b,c/d\n"
        "quality\ta/b\t0.9\n"
        "alias\tx\ta/b\n"
        "fallback\ta/b\tc/d\n");
}

constexpr const char* explained = R"({"schema":1,"asked_for":"auto","weights_from":"request",
  "weights":{"latency":1.0,"cost":8.0,"quality":1.0},"as_good":2,"trial":false,
  "candidates":[
    {"target":"p/one","model":"lab/one","tier":0,"score":0.9,"latency_ms":1200.0,"cost":0.0041,
     "quality":0.9,"health":1.0,"terms":{"latency":0.5,"cost":1.0,"quality":0.9},
     "failure_share":0.0,"headroom":1.0,"in_flight":2,"state":"ready","why":null},
    {"target":"q/two","model":"lab/two","tier":0,"score":0.1,"latency_ms":null,"cost":null,
     "quality":null,"health":0.5,"terms":{"latency":0.5,"cost":0.5,"quality":0.5},
     "failure_share":0.5,"headroom":1.0,"in_flight":0,"state":"cooling","why":"rate_limited",
     "ready_in_s":30}],
  "excluded":[{"model":"lab/three","provider":"r","reason":"tools",
               "words":"it is not known to call tools"}]})";

TEST_CASE("a route is explained as it was asked, every figure of each candidate") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::route_explain, explained);
  const Ran ran =
      run_cli({"routes", "explain", "auto", "--project", "web", "--key", "ci", "--tokens",
               "2000, 500", "--weights", "cheap", "--dialect", "anthropic"});
  CHECK(ran.code == 0);
  CHECK(daemon.asked(path::route_explain) ==
        Json::parse(R"({"model":"auto","project":"web","key":"ci","dialect":"anthropic",
          "weights":["cheap"],"input_tokens":2000,"output_tokens":500,"needs":[]})"));
  CHECK(ran.out.find("weights\tlatency=1 cost=8 quality=1\n") != std::string::npos);
  CHECK(ran.out.find("1\tp/one\t") < ran.out.find("2\tq/two\t"));
  CHECK(ran.out.find("lab/three\tr\ttools\n") != std::string::npos);
  CHECK(ran.err.find("the weights are as you say") != std::string::npos);
  CHECK(ran.err.find("q/two is cooling: rate_limited, 30s") != std::string::npos);
  CHECK(ran.err.find("the first 2 are as good as each other") != std::string::npos);
}

TEST_CASE("tokens that are none are refused before the daemon is asked") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::route_explain, explained);
  for (const char* tokens : {"", "many", "1,2,3", "-1", "1,", "1e3", "99999999999"}) {
    CAPTURE(tokens);
    CHECK(run_cli({"routes", "explain", "auto", "--tokens", tokens}).code == 2);
  }
  CHECK(daemon.asked(path::route_explain).is_null());
  CHECK(run_cli({"routes", "explain", "auto", "--tokens", "2000"}).code == 0);
  CHECK(daemon.asked(path::route_explain) ==
        Json::parse(R"({"model":"auto","input_tokens":2000,"needs":[]})"));
}

}  // namespace
}  // namespace routerone::cli
