#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::Ran;
using test::run_cli;
namespace fs = std::filesystem;
namespace path = control::path;

/// A program of our own called routeroned, the first on PATH as long as this lives.
class OnPath {
 public:
  OnPath(const Home& home, const std::string& script) : before_(::getenv("PATH")) {
    const fs::path folder = home.path() / "bin";
    fs::create_directories(folder);
    std::ofstream(folder / "routeroned") << "#!/bin/sh\n" << script;
    fs::permissions(folder / "routeroned", fs::perms::owner_all);
    ::setenv("PATH", (folder.string() + ":" + before_).c_str(), 1);
  }
  ~OnPath() { ::setenv("PATH", before_.c_str(), 1); }
  OnPath(const OnPath&) = delete;
  OnPath& operator=(const OnPath&) = delete;

 private:
  std::string before_;
};

TEST_CASE("a daemon that dies at once is told of with its last words and its own hint") {
  const Home home;
  const OnPath program(home,
                       "echo an old line\n"
                       "echo \"routeroned: the address $2 is taken\" >&2\n"
                       "echo 'hint: choose another' >&2\nexit 1\n");
  const Ran ran = run_cli({"up", "--listen", "127.0.0.1:4711"});
  CHECK(ran.code == 1);
  CHECK(ran.err ==
        "routerone: the daemon did not start: the address 127.0.0.1:4711 is taken\n"
        "hint: choose another\n");
  const auto log = home.path() / "state" / "routeroned.log";
  CHECK((fs::status(log).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("only what this start wrote counts as its last words") {
  const Home home;
  fs::create_directories(home.path() / "state");
  fs::permissions(home.path() / "state", fs::perms::owner_all);
  std::ofstream(home.path() / "state" / "routeroned.log") << "routeroned: of yesterday\n";
  const OnPath program(home, "exit 1\n");
  const Ran ran = run_cli({"up", "--listen", "127.0.0.1:0"});
  CHECK(ran.code == 1);
  CHECK(ran.err == "routerone: the daemon did not start\nhint: routerone logs\n");
}

TEST_CASE("a daemon that runs already is said to, and nothing is started") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::status, R"({"schema":1,"pid":1,"listening":["127.0.0.1:9","[::1]:9"]})");
  const OnPath program(home, "touch \"$ROUTERONE_HOME/started\"\n");
  const Ran ran = run_cli({"up"});
  CHECK(ran.code == 0);
  CHECK(ran.out.empty());
  CHECK(ran.err == "it runs already and listens on 127.0.0.1:9,[::1]:9\n");
  CHECK_FALSE(fs::exists(home.path() / "started"));
}

TEST_CASE("an address that is none is refused before anything is started") {
  const Home home;
  const OnPath program(home, "touch \"$ROUTERONE_HOME/started\"\n");
  CHECK(run_cli({"up", "--listen", "nonsense"}).code == 2);
  CHECK_FALSE(fs::exists(home.path() / "started"));
}

TEST_CASE("down waits for the process that was told to stop") {
  const Home home;
  FakeDaemon daemon(home);
  const pid_t child = ::fork();
  if (child == 0) {
    ::usleep(150'000);
    ::_exit(0);
  }
  daemon.answer(path::status, R"({"schema":1,"manager":null})");
  daemon.answer(path::shutdown, R"({"schema":1,"pid":)" + std::to_string(child) + "}");
  CHECK(run_cli({"down"}).code == 0);
  int how = 0;
  CHECK(::waitpid(child, &how, WNOHANG) == child);  // it had ended before we were told so
}

TEST_CASE("the log's last lines are shown, without what a terminal would obey") {
  const Home home;
  CHECK(run_cli({"logs"}).code == 5);
  fs::create_directories(home.path() / "state");
  std::ofstream(home.path() / "state" / "routeroned.log") << "one\ntwo\nth\x1b[31mree\n";
  const Ran two = run_cli({"logs", "-n", "2"});
  CHECK(two.code == 0);
  CHECK(two.out.starts_with("two\nth"));
  CHECK(two.out.find('\x1b') == std::string::npos);
  CHECK(run_cli({"logs"}).out.starts_with("one\ntwo\n"));
  CHECK(run_cli({"logs", "-n", "0"}).code == 2);
}

TEST_CASE("status tells a program what a person is shown") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::status, R"({"schema":1,"running":true,"version":"9","pid":42,
    "started":"2026-11-20T12:00:00.000000Z","listening":["127.0.0.1:9"],"warning":"no ::1",
    "requests":12,"keys":1,"providers":2,"state_dir":"/s","store":{"trouble":"the disk is full",
    "rows_written":3,"rows_late":0,"rows_lost":1}})");
  const Ran ran = run_cli({"status"});
  CHECK(ran.code == 0);
  CHECK(ran.out.find("store\tthe disk is full\n") != std::string::npos);
  CHECK(ran.out.find("traces lost\t1\n") != std::string::npos);
  CHECK(ran.err == "warning: no ::1\n");
  CHECK(run_cli({"version"}).err.find("the running daemon is 9") != std::string::npos);
  CHECK(Json::parse(run_cli({"version", "--json"}).out)["daemon"] == "9");
}

}  // namespace
}  // namespace routerone::cli
