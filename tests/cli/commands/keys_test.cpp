#include <doctest/doctest.h>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::Ran;
using test::run_cli;

constexpr const char* made = R"({"schema":1,"name":"ci","id":"01a1","state":"active",
  "project":"default","hint":"sk-rk-abcd","models":[],"providers":[],"key":"sk-rk-abcdefgh",
  "created":"2026-11-20T12:00:00.000000Z","expires":null,"revoked":null,"spent_usd":"0.000000"})";

TEST_CASE("keys create says all that was asked for, and nothing else") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_create, made);
  REQUIRE(run_cli({"keys", "create", "ci", "--models", "a/*, b", "--models", "c", "--providers",
                   "p,q", "--expires", "30d", "--project", "work"})
              .code == 0);
  CHECK(daemon.asked(control::path::key_create) ==
        Json::parse(R"({"name":"ci","project":"work","models":["a/*","b","c"],
                        "providers":["p","q"],"expires":"30d"})"));
}

TEST_CASE("each limit of a key or a project goes to the daemon as it was typed") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_update, made);
  daemon.answer(control::path::project_update, R"({"schema":1,"name":"ci"})");
  const char* where = nullptr;
  for (const char* noun : {"keys", "projects"}) {
    where = noun[0] == 'k' ? control::path::key_update : control::path::project_update;
    REQUIRE(run_cli({noun,
                     "update",
                     "ci",
                     "--max-spend",
                     "2.50",
                     "--every",
                     "day",
                     "--rolling",
                     "--warn",
                     "70%",
                     "--rate-limit",
                     "60",
                     "--requests-per-day",
                     "none",
                     "--token-limit-tpm",
                     "9000",
                     "--concurrency",
                     "4",
                     "--require",
                     "zdr",
                     "--no-training",
                     "--region",
                     "eu",
                     "--unpriced",
                     "--on-limit",
                     "refuse",
                     "--dry-run-limits"})
                .code == 0);
    CHECK(daemon.asked(where) ==
          Json::parse(R"({"name":"ci","max_spend":"2.50","every":"day","rolling":true,
                          "warn":"70%","rate_limit":"60","requests_per_day":"none",
                          "token_limit_tpm":"9000","concurrency":"4","require":"zdr",
                          "no_training":true,"region":"eu","on_limit":"refuse",
                          "unpriced":true,"dry_run_limits":true})"));
    REQUIRE(run_cli({noun, "update", "ci", "--no-rolling", "--timezone", "UTC", "--allow-training",
                     "--no-unpriced", "--no-dry-run-limits"})
                .code == 0);
    CHECK(daemon.asked(where) ==
          Json::parse(R"({"name":"ci","rolling":false,"timezone":"UTC","no_training":false,
                          "unpriced":false,"dry_run_limits":false})"));
    CHECK(run_cli({noun, "update", "ci", "--rolling", "--no-rolling"}).code == 2);
    CHECK(run_cli({noun, "create", "ci", "--no-unpriced"}).code == 2);
    CHECK(run_cli({noun, "update", "ci"}).code == 2);
  }
}

TEST_CASE("a key is shown with its limits, what is left of them, and every line in a pipe") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_show, R"({"schema":1,"name":"ci","state":"active",
    "max_spend":{"usd":"2.500000","every":"day","rolling":false,"timezone":"UTC",
                 "warn_percent":80},"rate_limit":60,"requests_per_day":null,"no_training":true,
    "on_limit":"clamp","dry_run_limits":true,"spent_usd":"9.000000",
    "budget":{"scope":"key:ci","spent_usd":"1.000000","reserved_usd":"0.250000",
              "left_usd":"1.250000","used_percent":50,"settled_usd":"9.000000",
              "resets":"2026-11-21T00:00:00.000000Z","stopped":false}})");
  const std::string shown = run_cli({"keys", "show", "ci"}).out;
  for (const char* line :
       {"spend limit\t2.500000\n", "requests a minute\t60\n", "requests a day\t\n",
        "training\tnever\n", "limits\tdry run: only logged\n", "spent\t1.000000\n",
        "held\t0.250000\n", "left\t1.250000\n", "used\t50\n",
        "begins anew\t2026-11-21T00:00:00.000000Z\n", "spent in all\t9.000000\n"}) {
    CAPTURE(line);
    CHECK(shown.find(line) != std::string::npos);
  }
}

TEST_CASE("what the daemon warns of goes to the person, not into the key") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_create, R"({"schema":1,"name":"ci","key":"sk-rk-abcdefgh",
    "warnings":["mybox/* has no price"]})");
  const Ran ran = run_cli({"keys", "create", "ci", "--max-spend", "1"});
  CHECK(ran.out == "sk-rk-abcdefgh\n");
  CHECK(ran.err.find("warning: mybox/* has no price") != std::string::npos);
}

TEST_CASE("a new key stands alone on stdout, once") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_create, made);
  daemon.answer(control::path::key_rotate, made);
  daemon.answer(control::path::status, R"({"schema":1,"listening":["127.0.0.1:9999"]})");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"keys", "create", "ci"}, {"keys", "rotate", "ci", "--yes"}}) {
    const Ran ran = run_cli(words);
    CHECK(ran.code == 0);
    CHECK(ran.out == "sk-rk-abcdefgh\n");
    CHECK(ran.err.find("sk-rk-abcdefgh") == std::string::npos);
    CHECK(ran.err.find("export OPENAI_BASE_URL=http://127.0.0.1:9999/v1") != std::string::npos);
    CHECK(ran.err.find("export ANTHROPIC_BASE_URL=http://127.0.0.1:9999 ") != std::string::npos);
    auto quiet = words;
    quiet.emplace_back("--quiet");
    const Ran hushed = run_cli(quiet);
    CHECK(hushed.out == "sk-rk-abcdefgh\n");
    CHECK(hushed.err.empty());
  }
}

TEST_CASE("a daemon that does not say where it listens still gives its key away") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_create, made);
  for (const char* status : {"{}", R"({"listening":[]})", R"({"listening":null})", "[]"}) {
    daemon.answer(control::path::status, status);
    const Ran ran = run_cli({"keys", "create", "ci"});
    CHECK(ran.code == 0);
    CHECK(ran.out == "sk-rk-abcdefgh\n");
    CHECK(ran.err.find("http://127.0.0.1:7411/v1") != std::string::npos);
  }
}

TEST_CASE("in a pipe a list is one line a row, tabs between, times in RFC 3339") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_list, R"([
    {"name":"ci","kind":"run","state":"active","hint":"sk-rk-abcd","project":"default","models":["a/*","b"],
     "providers":[],"created":"2026-11-20T12:00:00.000000Z","expires":null,"spent_usd":"0.004200"},
    {"name":"we\tird\n","state":"expired","hint":"sk-rk-\u001b[31m","project":"default"}])");
  const Ran ran = run_cli({"keys", "list", "--all"});
  CHECK(ran.code == 0);
  CHECK(daemon.asked(control::path::key_list) == Json::parse(R"({"all":true})"));
  CHECK(
      ran.out.starts_with("ci\tactive\tsk-rk-abcd..\tdefault\ta/*,b\tall\t"
                          "2026-11-20T12:00:00.000000Z\t\t0.004200\trun\n"));
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 2);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\t') == 18);
  CHECK(ran.out.find('\x1b') == std::string::npos);
  const Ran painted = run_cli({"keys", "list", "--color", "always"});
  CHECK(painted.out.find("\x1b[32mactive\x1b[0m") != std::string::npos);
}

TEST_CASE("an empty list prints nothing for programs, and a next step for people") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_list, "[]");
  const Ran ran = run_cli({"keys", "list"});
  CHECK(ran.code == 0);
  CHECK(ran.out.empty());
  CHECK(ran.err.find("routerone keys create NAME") != std::string::npos);
  CHECK(run_cli({"keys", "list", "--quiet"}).err.empty());
  CHECK(run_cli({"keys", "list", "--json"}).out == "[]\n");
}

TEST_CASE("an update that changes nothing is a slip") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_update, made);
  CHECK(run_cli({"keys", "update", "ci"}).code == 2);
  CHECK(daemon.asked(control::path::key_update).is_null());
  CHECK(run_cli({"keys", "update", "ci", "--expires", "never"}).code == 0);
  CHECK(daemon.asked(control::path::key_update) ==
        Json::parse(R"({"name":"ci","expires":"never"})"));
}

TEST_CASE("a list with nothing in it is no list of all") {
  const Home home;
  for (const char* option : {"--models", "--providers"})
    for (const char* names : {"", ",", " , "}) {
      const Ran refused = run_cli({"keys", "create", "ci", option, names});
      CHECK(refused.code == 2);
      CHECK(refused.err.find(std::string(option) + " '*'") != std::string::npos);
    }
}

}  // namespace
}  // namespace routerone::cli
