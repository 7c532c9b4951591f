#include <doctest/doctest.h>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::ProjectWish;
using test::fault_of;
using test::PlaneWorld;
using test::says;

ProjectWish named(const std::string& name) {
  ProjectWish wish;
  wish.name = name;
  return wish;
}

control::KeyWish key_in(const std::string& project) {
  control::KeyWish wish;
  wish.name = "ci";
  wish.project = project;
  return wish;
}

TEST_CASE("there is always a default project, and it stays") {
  PlaneWorld world;
  const auto projects = world.client.list_projects();
  REQUIRE(projects);
  REQUIRE(projects->size() == 1);
  CHECK((*projects)[0]["name"] == "default");
  CHECK(fault_of(world.client.remove_project("default")).starts_with("conflict"));
  CHECK(world.client.list_projects()->size() == 1);
}

TEST_CASE("a project is made with limits, shown, changed, and is there after a restart") {
  PlaneWorld world;
  ProjectWish wish = named("web");
  wish.limits.spend.max_spend = "5";
  wish.limits.concurrency = "3";
  REQUIRE(world.client.create_project(wish));
  CHECK(fault_of(world.client.create_project(wish)).starts_with("conflict"));
  CHECK(world.admission.state("project:web").limit->amount == Money{5'000'000'000'000});

  ProjectWish change = named("web");
  change.limits.spend.max_spend = "7";
  REQUIRE(world.client.update_project(change));
  world.start();
  const auto shown = world.client.show_project("web");
  REQUIRE(shown);
  CHECK((*shown)["max_spend"]["usd"] == "7.000000");
  CHECK((*shown)["concurrency"] == 3);
  CHECK((*shown)["budget"]["left_usd"] == "7.000000");
  CHECK((*shown)["keys"].empty());
}

TEST_CASE("a project shows its keys, and what they spent together") {
  PlaneWorld world;
  REQUIRE(world.client.create_project(named("web")));
  REQUIRE(world.client.create_key(key_in("web")));
  world.spend("ci", 2'000'000);
  const auto shown = world.client.show_project("web");
  CHECK((*shown)["keys"] == Json::array({"ci"}));
  CHECK((*shown)["spent_usd"] == "0.000002");
}

TEST_CASE("a project is removed once no live key is in it") {
  PlaneWorld world;
  REQUIRE(world.client.create_project(named("web")));
  REQUIRE(world.client.create_key(key_in("web")));
  const std::string fault = fault_of(world.client.remove_project("web"));
  CHECK(fault.starts_with("conflict"));
  CHECK(says(fault, "keys update ci --project default"));
  REQUIRE(world.client.revoke_key("ci"));
  CHECK(world.client.remove_project("web"));
  CHECK(fault_of(world.client.show_project("web")).starts_with("not_found"));
  CHECK(fault_of(world.client.create_key(key_in("web"))).starts_with("not_found"));
}

TEST_CASE("a project that is not there is not found, and the nearest is named") {
  PlaneWorld world;
  REQUIRE(world.client.create_project(named("website")));
  for (const auto& answer :
       {world.client.show_project("webside"), world.client.update_project(named("webside")),
        world.client.remove_project("webside")}) {
    CHECK(fault_of(answer).starts_with("not_found"));
    CHECK(says(fault_of(answer), "website"));
  }
  CHECK(fault_of(world.client.create_project(named("a b"))).starts_with("invalid"));
}

}  // namespace
}  // namespace routerone
