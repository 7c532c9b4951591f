#include <doctest/doctest.h>

#include <fstream>

#include "cli/commands/command.h"
#include "common/control/contract.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::Ran;
using test::run_cli;

constexpr std::pair<ErrorKind, int> codes[] = {
    {ErrorKind::invalid, 2},         {ErrorKind::unauthorized, 4},  {ErrorKind::not_found, 5},
    {ErrorKind::conflict, 1},        {ErrorKind::limit_reached, 6}, {ErrorKind::not_running, 3},
    {ErrorKind::upstream_failed, 7}, {ErrorKind::unavailable, 75},  {ErrorKind::internal, 1},
};

TEST_CASE("each kind of error has the exit code that scripts rely on") {
  for (const auto& [kind, code] : codes) CHECK(exit_code(kind) == code);
}

TEST_CASE("the daemon's refusal is one line, its hint another, and the exit code fits its kind") {
  const Home home;
  FakeDaemon daemon(home);
  for (const auto& [kind, code] : codes) {
    // Only a missing daemon is not running; one that answers cannot say so.
    if (kind == ErrorKind::not_running) continue;
    daemon.refuse(control::path::key_show, {kind, "no\nway \x1b[31m", "try this"});
    const Ran ran = run_cli({"keys", "show", "ci"});
    CHECK(ran.code == code);
    CHECK(ran.out.empty());
    CHECK(ran.err.starts_with("routerone: no"));
    CHECK(ran.err.find("\nhint: try this\n") != std::string::npos);
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 2);
    CHECK(ran.err.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("without a daemon it is said what starts it; what needs none works") {
  const Home home;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"status"},
                                                {"keys", "list"},
                                                {"models", "list"},
                                                {"usage"},
                                                {"traces", "list"},
                                                {"traces", "tail"},
                                                {"providers", "list"},
                                                {"routes", "show"}}) {
    const Ran ran = run_cli(words);
    CHECK(ran.code == 3);
    CHECK(ran.err.find("hint: routerone up\n") != std::string::npos);
  }
  const Ran path = run_cli({"traces", "path"});
  CHECK(path.code == 0);
  CHECK(path.out == "sqlite3 -readonly " + (home.path() / "state/routerone.db").string() + "\n");
  CHECK(run_cli({"version"}).out == "routerone " ROUTERONE_VERSION "\n");
  CHECK(run_cli({"down"}).code == 0);
}

TEST_CASE("a path that a shell would cut is quoted") {
  const test::TempDir dir;
  ::setenv("ROUTERONE_HOME", (dir.path() / "a b").c_str(), 1);
  CHECK(run_cli({"traces", "path"}).out ==
        "sqlite3 -readonly '" + (dir.path() / "a b/state/routerone.db").string() + "'\n");
  ::unsetenv("ROUTERONE_HOME");
}

TEST_CASE("a wrong word is a usage error, and nothing is asked of the daemon") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_list, "[]");
  CHECK(run_cli({"keys", "list", "--al"}).code == 2);
  CHECK(run_cli({"keys", "list", "--color", "blue"}).code == 2);
  CHECK(run_cli({"traces", "list", "--limit", "many"}).code == 2);
  CHECK(daemon.asked(control::path::key_list).is_null());
  CHECK(daemon.asked(control::path::trace_page).is_null());
}

TEST_CASE("what cannot be undone needs --yes where nobody can be asked") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::key_revoke, R"({"schema":1,"name":"ci"})");
  daemon.answer(control::path::key_rotate, R"({"schema":1,"name":"ci","key":"sk-rk-new"})");
  daemon.answer(control::path::provider_remove, R"({"schema":1,"id":"p","removed":true})");
  const std::vector<std::pair<std::vector<std::string>, const char*>> all = {
      {{"keys", "revoke", "ci"}, control::path::key_revoke},
      {{"keys", "rotate", "ci"}, control::path::key_rotate},
      {{"providers", "remove", "p"}, control::path::provider_remove}};
  for (auto [words, path] : all) {
    const Ran refused = run_cli(words);
    CHECK(refused.code == 2);
    CHECK(refused.err.find("hint: add --yes\n") != std::string::npos);
    CHECK(daemon.asked(path).is_null());
    words.emplace_back("--yes");
    CHECK(run_cli(words).code == 0);
    CHECK_FALSE(daemon.asked(path).is_null());
  }
}

TEST_CASE("--json prints the daemon's answer, field for field") {
  const Home home;
  FakeDaemon daemon(home);
  const std::vector<std::pair<std::vector<std::string>, const char*>> all = {
      {{"status"}, control::path::status},
      {{"keys", "create", "n"}, control::path::key_create},
      {{"keys", "list"}, control::path::key_list},
      {{"keys", "show", "n"}, control::path::key_show},
      {{"keys", "update", "n", "--models", "m"}, control::path::key_update},
      {{"keys", "rotate", "n", "--yes"}, control::path::key_rotate},
      {{"keys", "revoke", "n", "--yes"}, control::path::key_revoke},
      {{"providers", "list"}, control::path::provider_list},
      {{"providers", "show", "p"}, control::path::provider_show},
      {{"providers", "update", "p", "--weight", "2"}, control::path::provider_update},
      {{"providers", "enable", "p"}, control::path::provider_update},
      {{"providers", "disable", "p"}, control::path::provider_update},
      {{"providers", "remove", "p", "--yes"}, control::path::provider_remove},
      {{"models", "list"}, control::path::model_list},
      {{"models", "show", "m"}, control::path::model_show},
      {{"models", "alias", "a", "m"}, control::path::model_alias},
      {{"models", "price", "m", "--clear"}, control::path::model_price},
      {{"routes", "show"}, control::path::route_show},
      {{"routes", "fallback", "m", "n"}, control::path::route_fallback},
      {{"traces", "show", "t"}, control::path::trace_show},
      {{"usage"}, control::path::usage}};
  const Json told = Json::parse(R"({"schema":1,"later":["a field nobody knows yet"],"n":null})");
  for (auto [words, path] : all) {
    CAPTURE(path);
    daemon.answer(path, told.dump());
    words.emplace_back("--json");
    const Ran ran = run_cli(words);
    CHECK(ran.code == 0);
    CHECK(Json::parse(ran.out, nullptr, false) == told);
    CHECK(ran.err.empty());
  }
}

TEST_CASE("a full disk is an error, a reader that has seen enough is none") {
  const Home home;
  std::FILE* const err = std::tmpfile();
  std::FILE* const full = std::fopen("/dev/full", "w");
  if (full) {
    CHECK(run({"--help"}, full, err) == 1);
    std::fclose(full);
  }
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  std::FILE* const broken = ::fdopen(ends[1], "w");
  CHECK(run({"--help"}, broken, err) == 0);
  std::fclose(broken);
  std::fclose(err);
}

}  // namespace
}  // namespace routerone::cli
