#include <stdlib.h>

#include "cli/commands/command.h"
#include "common/platform/files.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* secret = "sk-rk-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A user with a home, and a daemon that makes keys.
struct User {
  Home home;
  FakeDaemon daemon{home};
  std::string old_home = ::getenv("HOME") ? ::getenv("HOME") : "";
  fs::path folder = home.path() / "user";

  User() {
    fs::create_directories(folder);
    ::setenv("HOME", folder.c_str(), 1);
    for (const char* name : {"CLAUDE_CONFIG_DIR", "CODEX_HOME"}) ::unsetenv(name);
    daemon.answer(control::path::status, R"({"listening":["127.0.0.1:7999"]})");
    daemon.answer(control::path::key_create, key_json("claude"));
    daemon.answer(control::path::key_rotate, key_json("ci"));
    daemon.answer(control::path::key_revoke, key_json("claude"));
  }
  ~User() { ::setenv("HOME", old_home.c_str(), 1); }

  static std::string key_json(const std::string& name) {
    return Json{{"name", name}, {"key", secret}, {"state", "active"}, {"hint", "sk-rk-bbbb"}}
        .dump();
  }

  std::string settings() const {
    const auto text = read_file(folder / ".claude/settings.json");
    return text ? *text : "(none)";
  }
};

TEST_CASE("A setup shows the difference without the key, writes it, and tells what to do next") {
  const User user;
  const Ran ran = run_cli({"setup", "claude", "--yes"});
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(ran.out.find("+++ ") != std::string::npos);
  CHECK(ran.out.find("+    \"ANTHROPIC_AUTH_TOKEN\": \"sk-rk-..\"") != std::string::npos);
  CHECK((ran.out + ran.err).find(secret) == std::string::npos);
  CHECK(ran.err.find("routerone setup claude --undo") != std::string::npos);
  CHECK(user.settings().find(secret) != std::string::npos);
  CHECK(user.settings().find("http://127.0.0.1:7999") != std::string::npos);
  CHECK(user.daemon.asked(control::path::key_create)["name"] == "claude");
}

TEST_CASE("Off a terminal it asks for --yes, having shown everything and made nothing") {
  const User user;
  const Ran ran = run_cli({"setup", "claude"});
  CHECK(ran.code == 2);
  CHECK(ran.err.find("--yes") != std::string::npos);
  CHECK(ran.out.find("ANTHROPIC_BASE_URL") != std::string::npos);
  CHECK(user.settings() == "(none)");
  CHECK(user.daemon.asked(control::path::key_create).is_null());
}

TEST_CASE("A dry run writes nothing and makes no key") {
  const User user;
  const Ran ran = run_cli({"setup", "claude", "--dry-run", "--json"});
  CHECK(ran.code == 0);
  const Json said = Json::parse(ran.out);
  CHECK(said["written"] == false);
  CHECK(said["files"][0]["change"] == "create");
  CHECK(user.settings() == "(none)");
  CHECK(user.daemon.asked(control::path::key_create).is_null());
}

TEST_CASE("A second setup finds its key again and changes nothing") {
  User user;
  REQUIRE(run_cli({"setup", "claude", "--yes"}).code == 0);
  const std::string written = user.settings();
  user.daemon.answer(control::path::key_show, User::key_json("claude"));
  user.daemon.refuse(control::path::key_create, {ErrorKind::internal, "not another one", ""});
  const Ran again = run_cli({"setup", "claude", "--yes"});
  CHECK_MESSAGE(again.code == 0, again.err);
  CHECK(again.err.find("nothing changes") != std::string::npos);
  CHECK(user.settings() == written);
}

TEST_CASE("A key that was revoked since is replaced by a new one") {
  User user;
  REQUIRE(run_cli({"setup", "claude", "--yes"}).code == 0);
  user.daemon.refuse(control::path::key_show, {ErrorKind::not_found, "no such key", ""});
  const std::string other = "sk-rk-cccccccccccccccccccccccccccccccccccc";
  user.daemon.answer(control::path::key_create, Json{{"name", "claude"}, {"key", other}}.dump());
  REQUIRE(run_cli({"setup", "claude", "--yes"}).code == 0);
  CHECK(user.settings().find(other) != std::string::npos);
}

TEST_CASE("An existing key that is named gets a new secret, since nobody can read the old one") {
  User user;
  user.daemon.answer(control::path::key_show, User::key_json("ci"));
  const Ran ran = run_cli({"setup", "claude", "--key", "ci", "--yes"});
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(user.daemon.asked(control::path::key_rotate)["name"] == "ci");
  CHECK(user.daemon.asked(control::path::key_create).is_null());
  // It was there before, so the undo leaves it.
  REQUIRE(run_cli({"setup", "claude", "--undo", "--yes"}).code == 0);
  CHECK(user.daemon.asked(control::path::key_revoke).is_null());
}

TEST_CASE("An undo puts the file back and revokes the key that was made") {
  const User user;
  fs::create_directories(user.folder / ".claude");
  REQUIRE(write_file_atomic(user.folder / ".claude/settings.json", "{ \"a\": 1 } // mine"));
  REQUIRE(run_cli({"setup", "claude", "--yes"}).code == 0);
  const Ran ran = run_cli({"setup", "claude", "--undo", "--yes"});
  CHECK_MESSAGE(ran.code == 0, ran.err);
  CHECK(user.settings() == "{ \"a\": 1 } // mine");
  CHECK(user.daemon.asked(control::path::key_revoke)["name"] == "claude");
  CHECK(run_cli({"setup", "claude", "--undo", "--yes"}).code == 5);
}

TEST_CASE("An undo over a change of the user's is refused before anything is touched") {
  const User user;
  REQUIRE(run_cli({"setup", "claude", "--yes"}).code == 0);
  const std::string changed = user.settings() + "\n// mine\n";
  REQUIRE(write_file_atomic(user.folder / ".claude/settings.json", changed));
  const Ran refused = run_cli({"setup", "claude", "--undo", "--yes"});
  CHECK(refused.code == cli::exit_code(ErrorKind::conflict));
  CHECK(refused.err.find("--force") != std::string::npos);
  CHECK(user.settings() == changed);
  CHECK(user.daemon.asked(control::path::key_revoke).is_null());
  REQUIRE(run_cli({"setup", "claude", "--undo", "--force", "--yes"}).code == 0);
  CHECK(user.settings() == "(none)");
}

TEST_CASE("A file that cannot be written costs the key that was made for it") {
  const User user;
  fs::create_directories(user.folder / ".claude/settings.json.tmp/in-the-way");
  const Ran ran = run_cli({"setup", "claude", "--yes"});
  CHECK(ran.code != 0);
  CHECK(user.daemon.asked(control::path::key_revoke)["name"] == "claude");
  CHECK(user.settings() == "(none)");
}

TEST_CASE("A file that does not parse is named with its line, and stays as it is") {
  const User user;
  fs::create_directories(user.folder / ".claude");
  REQUIRE(write_file_atomic(user.folder / ".claude/settings.json", "{\n  oops\n}"));
  const Ran ran = run_cli({"setup", "claude", "--yes"});
  CHECK(ran.code == 2);
  CHECK(ran.err.find("line 2, column 3") != std::string::npos);
  CHECK(user.settings() == "{\n  oops\n}");
}

TEST_CASE("A tool that is nearly one is guessed") {
  const User user;
  const Ran ran = run_cli({"setup", "cladue"});
  CHECK(ran.code == 2);
  CHECK(ran.err.find("did you mean: routerone setup claude") != std::string::npos);
}

TEST_CASE("Without a daemon a setup says how to start one") {
  const Home home;
  const Ran ran = run_cli({"setup", "claude", "--yes"});
  CHECK(ran.code == 3);
  CHECK(ran.err.find("routerone up") != std::string::npos);
}

}  // namespace
}  // namespace routerone::cli::test
