#include <doctest/doctest.h>

#include <algorithm>

#include "common/control/socket_talk.h"
#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using test::PlaneWorld;
using Names = std::vector<std::string>;

/// So that a failure shows them.
std::string told(const Names& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

/// Asked as the client does, but without its haste: a slow machine is no failure.
Json ask(PlaneWorld& world, const control::NamesWish& wish) {
  const auto answer = control::post(world.paths.control_socket(), control::path::names,
                                    control::to_json(wish).dump(), {});
  REQUIRE(answer);
  return Json::parse(answer->body);
}

Names names(PlaneWorld& world, const std::string& kind, const std::string& prefix = "",
            int limit = 200) {
  const Json answer = ask(world, {kind, prefix, limit});
  Names out;
  for (const Json& one : answer["names"]) out.push_back(one["name"].get<std::string>());
  return out;
}

bool has(const Names& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

TEST_CASE("names of keys are those that live, sorted, and begin with what was typed") {
  PlaneWorld world;
  for (const char* name : {"web", "ci", "old"}) REQUIRE(world.create_key(name));
  REQUIRE(world.client.revoke_key("old"));
  CHECK(told(names(world, "key")) == "ci web");
  CHECK(told(names(world, "key", "w")) == "web");
  CHECK(names(world, "key", "x").empty());
  CHECK(told(names(world, "key", "", 1)) == "ci");
}

TEST_CASE("the project that always is has a name too") {
  PlaneWorld world;
  control::ProjectWish wish;
  wish.name = "web";
  REQUIRE(world.client.create_project(wish));
  CHECK(told(names(world, "project")) == "default web");
}

TEST_CASE("a run has its name while it runs and when it can be resumed, and is no key") {
  PlaneWorld world;
  control::RunWish wish;
  wish.program = "claude";
  wish.name = "refactor";
  {
    const auto held = world.client.begin_run(wish);
    REQUIRE(held);
    CHECK(told(names(world, "run")) == "refactor");
    REQUIRE(world.client.end_run(held->answer["id"].get<std::string>()));
  }
  CHECK(told(names(world, "run")) == "refactor");
  CHECK(names(world, "key").empty());
}

TEST_CASE("providers are those that were added and the built-in one, or all of the catalog") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  CHECK(told(names(world, "provider")) == "mybox sandbox");
  CHECK(has(names(world, "catalog_provider", "open"), "openrouter"));
  CHECK_FALSE(has(names(world, "catalog_provider"), "mybox"));
}

TEST_CASE("credentials come with their provider's id, and without where they are") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  control::CredentialWish wish;
  wish.provider = "mybox";
  wish.name = "second";
  wish.key = Secret("pk-4f9c81d2e7a65b30");
  wish.key_from = "cmd:cat /home/me/secret";
  if (!world.client.add_credential(wish)) {  // one without a key takes none: then of another
    control::ProviderWish keyed;
    keyed.id = "boxed";
    keyed.base_url = "http://127.0.0.1:11434/v1";
    keyed.key = Secret("pk-4f9c81d2e7a65b31");
    keyed.key_from = "env:X";
    REQUIRE(world.client.add_provider(keyed));
    wish.provider = "boxed";
    REQUIRE(world.client.add_credential(wish));
  }
  CHECK(told(names(world, "credential", wish.provider + "/")) == wish.provider + "/second");
  CHECK(ask(world, {"credential", ""}).dump().find("secret") == std::string::npos);
}

TEST_CASE(
    "models that can be asked for come before the catalog, aliases and lists are among them") {
  PlaneWorld world;
  REQUIRE(world.client.set_alias({"quick", "sandbox/echo"}));
  REQUIRE(world.client.set_candidates({"smart", {"sandbox/echo"}}));
  CHECK(has(names(world, "model"), "quick"));
  CHECK(has(names(world, "model"), "auto:smart"));
  CHECK(has(names(world, "model", "sand"), "sandbox/echo"));
  CHECK(told(names(world, "alias")) == "quick");
  CHECK(told(names(world, "candidates")) == "auto smart");
  // None that begins so can be asked for: the catalog's own are named, by their slug as well.
  CHECK(has(names(world, "model", "openai/gpt-4.1-nan"), "openai/gpt-4.1-nano"));
  CHECK(has(names(world, "model", "gpt-4.1-nan"), "gpt-4.1-nano"));
  CHECK(told(names(world, "model", "sandbox/echo@")) == "sandbox/echo@sandbox");
}

TEST_CASE("sessions and traces are named from the newest on, sessions once") {
  PlaneWorld world;
  Names ids;
  for (const char* session : {"first", "second", "first"}) {
    TraceRow row = world.row("openai/a", 1);
    row.session = session;
    ids.insert(ids.begin(), row.id);
    world.commit(row);
  }
  CHECK(told(names(world, "session")) == "first second");
  CHECK(told(names(world, "session", "s")) == "second");
  CHECK(told(names(world, "trace")) == told(ids));
  CHECK(told(names(world, "trace", ids[1])) == ids[1]);
  CHECK(names(world, "trace", "zz").empty());
}

TEST_CASE("names of a kind that has none are refused") {
  PlaneWorld world;
  CHECK(ask(world, {"colour", ""})["error"]["kind"] == "invalid");
}

}  // namespace
}  // namespace routerone
