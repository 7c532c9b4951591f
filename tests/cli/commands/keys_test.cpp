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
    {"name":"ci","state":"active","hint":"sk-rk-abcd","project":"default","models":["a/*","b"],
     "providers":[],"created":"2026-11-20T12:00:00.000000Z","expires":null,"spent_usd":"0.004200"},
    {"name":"we\tird\n","state":"expired","hint":"sk-rk-\u001b[31m","project":"default"}])");
  const Ran ran = run_cli({"keys", "list", "--all"});
  CHECK(ran.code == 0);
  CHECK(daemon.asked(control::path::key_list) == Json::parse(R"({"all":true})"));
  CHECK(
      ran.out.starts_with("ci\tactive\tsk-rk-abcd..\tdefault\ta/*,b\tall\t"
                          "2026-11-20T12:00:00.000000Z\t\t0.004200\n"));
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 2);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\t') == 16);
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

}  // namespace
}  // namespace routerone::cli
