#include <algorithm>
#include <fstream>

#include "cli/commands/init_providers.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::Ran;
using test::run_cli;
namespace path = control::path;
using Strings = std::vector<std::string>;

Json offer(const std::string& id, const Strings& env, const std::string& auth = "bearer") {
  return {{"id", id},
          {"added", false},
          {"built_in", false},
          {"env", env},
          {"auth", auth},
          {"variables", Json::array()},
          {"unsupported", nullptr}};
}

TEST_CASE("a provider is found by the first of its variables that has something in it") {
  const Json listed = {offer("one", {"ONE_KEY"}), offer("two", {"TWO_OLD", "TWO_KEY"}),
                       offer("three", {"THREE_KEY"})};
  const auto found =
      find_providers(listed, {{"TWO_KEY", "x"}, {"TWO_OLD", ""}, {"THREE_KEY", " "}}, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == "two");
  CHECK(found[0].variable == "TWO_KEY");
  CHECK_FALSE(found[0].added);
}

TEST_CASE("a key of ours in a provider's variable is not taken for the provider's") {
  const Json listed = {offer("one", {"ONE_KEY"})};
  CHECK(find_providers(listed, {{"ONE_KEY", "sk-rk-" + std::string(36, 'a')}}, {}).empty());
}

TEST_CASE("a provider that needs more than a key is left to the person") {
  Json located = offer("located", {"K"}), signing = offer("signing", {"K"});
  located["variables"] = {"REGION"};
  signing["unsupported"] = "it wants signed requests";
  CHECK(find_providers({located, signing, offer("open", {"K"}, "none")}, {{"K", "x"}}, {}).empty());
}

TEST_CASE("of several that take the same key the plainest is used, unless another is named") {
  const Json listed = {offer("acme-cn", {"ACME"}), offer("acme", {"ACME"}),
                       offer("acme-plan", {"ACME"})};
  const auto found = find_providers(listed, {{"ACME", "x"}}, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == "acme");
  CHECK(found[0].also == Strings{"acme-cn", "acme-plan"});
  CHECK(find_providers(listed, {{"ACME", "x"}}, {"acme-plan"})[0].id == "acme-plan");
  CHECK(find_providers(listed, {{"ACME", "x"}}, {"acme-cn"})[0].id == "acme-cn");
}

/// A daemon that lists one provider whose key stands in the environment.
struct World {
  Home home;
  FakeDaemon daemon{home};
  World() {
    ::setenv("INIT_TEST_KEY", "provider-secret-0123", 1);
    daemon.answer(path::status, R"({"schema":1,"pid":1,"listening":["127.0.0.1:1"],"keys":1})");
    daemon.answer(path::provider_list, Json::array({offer("acme", {"INIT_TEST_KEY"})}).dump());
    daemon.answer(path::key_show, R"({"schema":1,"name":"default","state":"active"})");
    daemon.answer(path::provider_add, R"({"schema":1,"id":"acme"})");
    daemon.answer(path::provider_remove, R"({"schema":1,"id":"acme"})");
    daemon.answer(path::provider_test, R"({"schema":1,"ok":true,"checks":[]})");
  }
  ~World() { ::unsetenv("INIT_TEST_KEY"); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
};

TEST_CASE("without a terminal nothing is used that was not named") {
  const World world;
  const Ran ran = run_cli({"init", "--no-setup"});
  CHECK(ran.code == 0);
  CHECK(world.daemon.asked(path::provider_add).is_null());
  CHECK(ran.err.find("$INIT_TEST_KEY has a key for acme") != std::string::npos);
  CHECK(ran.err.find("routerone init --provider acme") != std::string::npos);
}

TEST_CASE("a provider that is named, or all with --yes, is added from its variable and tried out") {
  for (const Strings& words : {Strings{"init", "--no-setup", "--provider", "acme"},
                               Strings{"init", "--no-setup", "--yes"}}) {
    const World world;
    const Ran ran = run_cli(words);
    CHECK(ran.code == 0);
    CHECK(world.daemon.asked(path::provider_add)["key_from"] == "env:INIT_TEST_KEY");
    CHECK(world.daemon.asked(path::provider_test)["id"] == "acme");
    CHECK(world.daemon.asked(path::provider_remove).is_null());
    CHECK((ran.out + ran.err).find("provider-secret") == std::string::npos);
  }
}

TEST_CASE("a provider that does not work is taken away again, and a named one ends in 7") {
  World world;
  world.daemon.answer(path::provider_test,
                      R"({"schema":1,"ok":false,"checks":[{"ok":false,"message":"401"}]})");
  const Ran ran = run_cli({"init", "--no-setup", "--provider", "acme", "--json"});
  CHECK(ran.code == 7);
  CHECK_FALSE(world.daemon.asked(path::provider_remove).is_null());
  const Json said = Json::parse(ran.out);
  CHECK(said["providers"][0]["state"] == "failed");
  CHECK(said["providers"][0]["message"] == "401");
  CHECK(run_cli({"init", "--no-setup", "--yes"}).code == 0);
}

TEST_CASE("a provider without a key here is refused before anything is added") {
  const World world;
  const Ran ran = run_cli({"init", "--no-setup", "--provider", "nobody"});
  CHECK(ran.code == 2);
  CHECK(ran.err.find("no key of nobody is in the environment") != std::string::npos);
  CHECK(world.daemon.asked(path::provider_add).is_null());
}

TEST_CASE("a key that is there is left as it is, and not shown") {
  const World world;
  const Ran ran = run_cli({"init", "--no-setup", "--json"});
  CHECK(ran.code == 0);
  CHECK(world.daemon.asked(path::key_create).is_null());
  const Json said = Json::parse(ran.out);
  CHECK(said["key"]["key"].is_null());
  CHECK(said["asked"].is_null());
}

}  // namespace
}  // namespace routerone::cli
