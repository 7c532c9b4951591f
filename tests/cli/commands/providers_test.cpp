#include <doctest/doctest.h>

#include <chrono>
#include <fstream>

#include "common/core/text.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using namespace std::chrono_literals;
using test::FakeDaemon;
using test::Home;
using test::Ran;
using test::run_cli;
namespace path = control::path;

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Variables of the environment as long as this lives.
struct Keys {
  Keys() {
    ::setenv("ROUTERONE_TEST_KEY", "k-first-9", 1);
    ::setenv("ROUTERONE_TEST_OTHER", "k-other-9", 1);
  }
  ~Keys() {
    ::unsetenv("ROUTERONE_TEST_KEY");
    ::unsetenv("ROUTERONE_TEST_OTHER");
  }
};

constexpr const char* three_keys = R"([
  {"name":null,"key_from":"env:ROUTERONE_TEST_KEY","has_key":true,"created":"2026-11-20T12:00:00Z"},
  {"name":"two","key_from":"env:ROUTERONE_TEST_OTHER","has_key":true,
   "health":{"state":"ok","targets":1,"affected":0}},
  {"name":"typed","key_from":"stdin","has_key":false}])";

TEST_CASE("a further key comes from where it is said, and its name may be left to the daemon") {
  const Home home;
  FakeDaemon daemon(home);
  const Keys keys;
  daemon.answer(path::credential_add, R"({"schema":1,"provider":"p","name":"2"})");
  const Ran ran =
      run_cli({"providers", "keys", "add", "p", "--key-from", "env:ROUTERONE_TEST_KEY"});
  CHECK(ran.code == 0);
  CHECK(says(ran.err, "2"));
  CHECK_FALSE(says(ran.out + ran.err, "k-first-9"));
  CHECK(daemon.asked(path::credential_add) ==
        Json::parse(R"({"provider":"p","name":"","key_from":"env:ROUTERONE_TEST_KEY",
                        "key":"k-first-9"})"));
  CHECK(run_cli({"providers", "keys", "add", "p", "two", "--key-from", "env:ROUTERONE_TEST_OTHER"})
            .code == 0);
  CHECK(daemon.asked(path::credential_add)["name"] == "two");
  const Ran secret = run_cli({"providers", "keys", "add", "p", "--key-from", "sk-canary"});
  CHECK(secret.code == 2);
  CHECK_FALSE(says(secret.err, "canary"));
}

TEST_CASE("the keys of a provider are listed, the first by that name") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::credential_list, three_keys);
  const Ran ran = run_cli({"providers", "keys", "list", "p"});
  CHECK(ran.code == 0);
  CHECK(says(ran.out, "first\tenv:ROUTERONE_TEST_KEY\t\t2026-11-20T12:00:00Z\n"));
  CHECK(says(ran.out, "two\tenv:ROUTERONE_TEST_OTHER\tok\t"));
  CHECK(says(ran.out, "typed\tstdin (could not be read)\t"));
}

TEST_CASE("a key is removed only when that is meant") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::credential_remove, R"({"schema":1,"removed":true})");
  CHECK(run_cli({"providers", "keys", "remove", "p", "two"}).code == 2);
  CHECK(daemon.asked(path::credential_remove).is_null());
  CHECK(run_cli({"providers", "keys", "remove", "p", "two", "--yes"}).code == 0);
  CHECK(daemon.asked(path::credential_remove)["name"] == "two");
}

TEST_CASE("a refresh fetches every key that can be, or the one that is named") {
  const Home home;
  FakeDaemon daemon(home);
  const Keys keys;
  const char* provider = R"({"schema":1,"id":"p","enabled":true})";
  for (const char* each : {path::provider_update, path::provider_show, path::credential_update})
    daemon.answer(each, provider);
  daemon.answer(path::credential_list, three_keys);

  SUBCASE("all") {
    const Ran ran = run_cli({"providers", "update", "p", "--refresh"});
    CHECK(ran.code == 0);
    CHECK(says(ran.err, "the key typed of p was typed in"));
    CHECK(daemon.asked(path::provider_update)["key"] == "k-first-9");
    CHECK(daemon.asked(path::credential_update)["name"] == "two");
    CHECK(daemon.asked(path::credential_update)["key"] == "k-other-9");
  }
  SUBCASE("one") {
    CHECK(run_cli({"providers", "update", "p", "--refresh", "--key", "two"}).code == 0);
    CHECK_FALSE(daemon.asked(path::provider_update).contains("key"));
    CHECK(daemon.asked(path::credential_update)["key"] == "k-other-9");
  }
  SUBCASE("one, from elsewhere") {
    CHECK(run_cli({"providers", "update", "p", "--key", "typed", "--key-from",
                   "env:ROUTERONE_TEST_KEY"})
              .code == 0);
    CHECK_FALSE(daemon.asked(path::provider_update).contains("key"));
    CHECK(daemon.asked(path::credential_update)["name"] == "typed");
  }
  SUBCASE("the first alone") {
    CHECK(run_cli({"providers", "update", "p", "--refresh", "--key", "first"}).code == 0);
    CHECK(daemon.asked(path::provider_update)["key"] == "k-first-9");
    CHECK(daemon.asked(path::credential_update).is_null());
  }
  SUBCASE("nothing, where one of them cannot be fetched") {
    ::unsetenv("ROUTERONE_TEST_OTHER");
    CHECK(run_cli({"providers", "update", "p", "--refresh"}).code == 2);
    CHECK(daemon.asked(path::provider_update).is_null());
  }
  SUBCASE("nothing, where it was typed in or nobody said how") {
    CHECK(run_cli({"providers", "update", "p", "--refresh", "--key", "typed"}).code == 2);
    CHECK(run_cli({"providers", "update", "p", "--key", "two"}).code == 2);
    CHECK(daemon.asked(path::provider_update).is_null());
  }
}

TEST_CASE("a proxy's login comes from where it is said, a file's only if it is the owner's alone") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::provider_update, R"({"schema":1,"id":"p","enabled":true})");
  const auto file = home.path() / "login";
  std::ofstream(file) << "me:pass word\n";
  const auto update = [&file] {
    return run_cli({"providers", "update", "p", "--proxy", "http://127.0.0.1:1",
                    "--proxy-login-from", "file:" + file.string()});
  };
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  CHECK(update().code != 0);
  CHECK(daemon.asked(path::provider_update).is_null());
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  CHECK(update().code == 0);
  CHECK(daemon.asked(path::provider_update)["proxy_login"] == "me:pass word");
  CHECK(run_cli({"providers", "update", "p", "--proxy-login-from", ""}).code == 0);
  CHECK(daemon.asked(path::provider_update)["proxy_login"] == "");
  const Ran secret = run_cli({"providers", "update", "p", "--proxy-login-from", "me:canary"});
  CHECK(secret.code == 2);
  CHECK(says(secret.err, "--proxy-login-from"));
  CHECK_FALSE(says(secret.err, "canary"));
}

TEST_CASE(
    "a provider's health is told in its row, with its keys, and by target where it is shown") {
  const Home home;
  FakeDaemon daemon(home);
  const std::string health = R"("state":"cooling","since":"2026-11-20T12:00:00Z",
      "why":"rate_limited","next_probe":"2026-11-20T12:00:42Z")";
  const std::string provider = R"({"id":"p","added":true,"enabled":true,"key_from":"env:A",
      "more_keys":[{"name":"two","key_from":"env:B","has_key":false}],
      "health":{)" + health + R"(,"targets":3,"affected":1},
      "targets":[{"target":"p#two/m",)" +
                               health +
                               R"(,"failure_share":0.125,"first_byte_ms":812.4},
                 {"target":"p/m","state":"ok","failure_share":0.0,"first_byte_ms":null}]})";
  daemon.answer(path::provider_list, "[" + provider + "]");
  daemon.answer(path::provider_show, provider);
  const Ran list = run_cli({"providers", "list"});
  CHECK(says(list.out,
             "p\tenabled\tcooling: rate_limited until 2026-11-20T12:00:42Z (1 of 3)\t"
             "2026-11-20T12:00:00Z\t"));
  CHECK(says(list.out, "env:A, env:B (could not be read)"));
  const Ran show = run_cli({"providers", "show", "p"});
  CHECK(says(show.out, "key two\tenv:B (could not be read)"));
  CHECK(says(show.out,
             "target p#two/m\tcooling: rate_limited until 2026-11-20T12:00:42Z, "
             "since 2026-11-20T12:00:00Z, 13 % failing, first byte 812ms"));
  CHECK(says(show.out, "target p/m\tok\n"));
}

TEST_CASE("a test says which of a provider's keys does not work") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::provider_test, R"({"id":"p","ok":false,"checks":[
    {"credential":null,"dialect":"d","path":"/m","ok":true},
    {"credential":"two","dialect":"d","path":"/m","ok":false,"message":"refused","hint":"mend"}]})");
  const Ran ran = run_cli({"providers", "test", "p"});
  CHECK(ran.code == 7);
  CHECK(says(ran.err, "p does not work with its key two: refused"));
  CHECK(says(ran.out, "\tfirst\n"));
  CHECK(says(ran.out, "\ttwo\n"));
}

TEST_CASE("a reset goes to the daemon by id, and needs no consent") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::provider_reset, R"({"schema":1,"id":"p","targets":2})");
  const Ran ran = run_cli({"providers", "reset", "p"});
  CHECK(ran.code == 0);
  CHECK(says(ran.err, "2 targets of p"));
  CHECK(daemon.asked(path::provider_reset) == Json::parse(R"({"name":"p"})"));
}

}  // namespace
}  // namespace routerone::cli
