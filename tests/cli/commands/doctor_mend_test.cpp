#include "cli/commands/doctor_mend.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "cli/commands/doctor_gather.h"
#include "common/platform/files.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using test::FakeDaemon;
using test::Home;
using test::run_cli;
using test::TempDir;

fs::path make_file(const fs::path& path, unsigned mode) {
  std::ofstream(path) << "text";
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}
unsigned mode_of(const fs::path& path) { return facts_of(path).mode; }

TEST_CASE("a file becomes its owner's alone, who keeps the rights he has") {
  const TempDir dir;
  const auto open = make_file(dir.path() / "open", 0666);
  const auto own = make_file(dir.path() / "own", 0440);
  REQUIRE(make_private({facts_of(open), facts_of(own)}));
  CHECK(mode_of(open) == 0600);
  CHECK(mode_of(own) == 0400);
}

TEST_CASE("no permission is changed through a link") {
  const TempDir dir;
  const auto target = make_file(dir.path() / "target", 0644);
  fs::create_symlink(target, dir.path() / "link");
  CHECK(!make_private({facts_of(dir.path() / "link")}));
  CHECK(mode_of(target) == 0644);
}

TEST_CASE("a socket stays as long as anybody holds the state folder") {
  const Home home;
  const auto paths = find_paths();
  REQUIRE(paths);
  REQUIRE(ensure_private_dir(paths->state_dir));
  make_file(paths->control_socket(), 0600);
  {
    const auto held = FileLock::acquire(paths->lock_file());
    REQUIRE(held);
    CHECK(!remove_stale_socket(*paths));
    CHECK(fs::exists(paths->control_socket()));
  }
  CHECK(remove_stale_socket(*paths));
  CHECK(!fs::exists(paths->control_socket()));
}

TEST_CASE("what takes too long is not waited for") {
  CHECK(within(Millis(10'000), [] { return Result<Json>(Json(1)); }));
  const auto late = within(Millis(1), [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    return Result<Json>(Json(1));
  });
  CHECK(!late);
}

TEST_CASE("a daemon of which one call is not known is judged by the others") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(control::path::status,
                R"({"version":")" ROUTERONE_VERSION R"(","contract":1,"pid":1,"listening":[]})");
  const Json checks = Json::parse(run_cli({"doctor", "--json"}).out);
  const auto status = [&](const std::string& id) {
    for (const Json& check : checks)
      if (check["id"] == id) return check["status"].get<std::string>();
    return std::string();
  };
  CHECK(status("daemon-running") == "ok");
  CHECK(status("daemon-version") == "ok");
  CHECK(status("database") == "skipped");
  CHECK(status("any-provider") == "skipped");
}

TEST_CASE("checks are chosen by their ids and by sections, and what is none is refused") {
  const Home home;
  const auto ids = [](const std::string& only) {
    std::vector<std::string> found;
    for (const Json& check :
         Json::parse(run_cli({"doctor", "--list", "--json", "--only", only}).out))
      found.push_back(check["id"]);
    return found;
  };
  CHECK(ids("pepper,ports") == std::vector<std::string>{"pepper", "ports"});
  CHECK(ids("money").size() == 5);
  CHECK(run_cli({"doctor", "--only", "peper"}).code == 2);
  CHECK(run_cli({"doctor", "--only", "peper"}).err.find("--only pepper") != std::string::npos);
}

}  // namespace
}  // namespace routerone::cli
