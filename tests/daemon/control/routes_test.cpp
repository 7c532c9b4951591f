#include <doctest/doctest.h>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::CandidatesWish;
using control::RouteSetWish;
using control::Strings;
using test::fault_of;
using test::PlaneWorld;
using test::says;

constexpr const char* sonnet = "anthropic/claude-sonnet-4.5";

RouteSetWish weighing(Strings weights) {
  RouteSetWish wish;
  wish.weights = std::move(weights);
  return wish;
}

RouteSetWish of_project(const std::string& name, Strings weights) {
  RouteSetWish wish = weighing(std::move(weights));
  wish.project = name;
  return wish;
}

Json weights(double latency, double cost, double quality) {
  return {{"latency", latency}, {"cost", cost}, {"quality", quality}};
}

void make_project(const PlaneWorld& world, const std::string& name) {
  control::ProjectWish wish;
  wish.name = name;
  REQUIRE(world.client.create_project(wish));
}

TEST_CASE("weights of all are in force at once, and after a restart") {
  PlaneWorld world;
  CHECK((*world.client.show_routes())["weights"] == weights(1, 1, 1));
  const auto set = world.client.set_routes(weighing({"latency=.5", "cost=.3", "quality=.2"}));
  REQUIRE_MESSAGE(set, fault_of(set));
  CHECK((*set)["scope"] == "all");
  CHECK((*set)["weights"] == weights(0.5, 0.3, 0.2));
  CHECK(world.snapshot()->data.settings.weights == RouteWeights{0.5, 0.3, 0.2});
  world.start();
  CHECK((*world.client.show_routes())["weights"] == weights(0.5, 0.3, 0.2));
  CHECK(world.client.set_routes(weighing({"none"})));
  CHECK((*world.client.show_routes())["weights"] == weights(1, 1, 1));
}

TEST_CASE("of weights, what is not said stays as it is; a profile sets them all") {
  PlaneWorld world;
  REQUIRE(world.client.set_routes(weighing({"cheap"})));
  CHECK((*world.client.show_routes())["weights"] == weights(1, 8, 1));
  REQUIRE(world.client.set_routes(weighing({"quality=0"})));
  CHECK((*world.client.show_routes())["weights"] == weights(1, 8, 0));
}

TEST_CASE("a project's weights begin with those of all, and go back to them") {
  PlaneWorld world;
  make_project(world, "web");
  REQUIRE(world.client.set_routes(weighing({"cheap"})));
  const auto set = world.client.set_routes(of_project("web", {"latency=4"}));
  REQUIRE_MESSAGE(set, fault_of(set));
  CHECK((*set)["scope"] == "project:web");
  CHECK((*set)["weights"] == weights(4, 8, 1));
  CHECK((*set)["weights_from"] == "project");
  CHECK((*world.client.set_routes(of_project("web", {"cost=2"})))["weights"] == weights(4, 2, 1));
  const auto shown = world.client.show_routes();
  REQUIRE((*shown)["projects"].size() == 1);
  CHECK((*shown)["projects"][0]["scope"] == "project:web");
  CHECK((*world.client.show_project("web"))["routing"]["weights"] == weights(4, 2, 1));
  const auto back = world.client.set_routes(of_project("web", {"none"}));
  CHECK((*back)["weights_from"] == "all");
  CHECK((*back)["weights"] == weights(1, 8, 1));
  CHECK((*world.client.show_routes())["projects"].empty());
}

TEST_CASE("a key's weights can be set with it, changed and taken back") {
  PlaneWorld world;
  make_project(world, "web");
  REQUIRE(world.client.set_routes(of_project("web", {"fast"})));
  control::KeyWish wish;
  wish.name = "ci";
  wish.project = "web";
  wish.weights = Strings{"cost=9"};
  const auto made = world.client.create_key(wish);
  REQUIRE_MESSAGE(made, fault_of(made));
  CHECK((*made)["weights"] == weights(8, 9, 1));
  CHECK(world.record_of("ci").weights == RouteWeights{8, 9, 1});
  RouteSetWish set = weighing({"best"});
  set.key = "ci";
  CHECK((*world.client.set_routes(set))["scope"] == "key:ci");
  CHECK((*world.client.show_routes())["keys"][0]["weights"] == weights(1, 1, 8));
  wish.weights = Strings{"none"};
  CHECK((*world.client.update_key(wish))["weights"].is_null());
  CHECK((*world.client.show_routes())["keys"].empty());
}

TEST_CASE("weights that are none are refused by name, and nothing changes") {
  PlaneWorld world;
  const std::string misspelt = fault_of(world.client.set_routes(weighing({"latncy=1"})));
  CHECK(misspelt.starts_with("invalid"));
  CHECK(says(misspelt, "latncy"));
  CHECK(says(misspelt, "latency, cost and quality"));
  for (const Strings& said : {Strings{}, Strings{"latency=-1"}, Strings{"latency=1e3"},
                              Strings{"quick"}, Strings{"none", "cost=1"}}) {
    CHECK(fault_of(world.client.set_routes(weighing(said))).starts_with("invalid"));
  }
  control::KeyWish key;
  key.name = "ci";
  key.weights = Strings{"latncy=1"};
  CHECK(fault_of(world.client.create_key(key)).starts_with("invalid"));
  CHECK(world.client.list_keys(true)->empty());
  CHECK((*world.client.show_routes())["weights"] == weights(1, 1, 1));
  CHECK(fault_of(world.client.set_routes(of_project("nosuch", {"fast"}))).starts_with("not_found"));
  RouteSetWish both = of_project("default", {"fast"});
  both.key = "ci";
  CHECK(says(fault_of(world.client.set_routes(both)), "not both"));
  CHECK(fault_of(world.client.set_routes({})).starts_with("invalid"));
}

TEST_CASE("hedging is switched on for one project, and said of it") {
  PlaneWorld world;
  RouteSetWish wish;
  wish.hedge = true;
  CHECK(world.client.set_routes(wish).error().message.find("one project") != std::string::npos);
  wish.project = "default";
  const auto set = world.client.set_routes(wish);
  REQUIRE_MESSAGE(set, fault_of(set));
  CHECK((*set)["hedge"] == true);
  const auto all = world.client.show_routes();
  CHECK((*all)["hedge"] == false);
  CHECK((*all)["projects"][0]["hedge"] == true);
  wish.hedge = false;
  CHECK((*world.client.set_routes(wish))["hedge"] == false);
}

TEST_CASE("switches and patience are a project's or all's, and go back") {
  PlaneWorld world;
  RouteSetWish wish;
  wish.switches = "0";
  wish.first_byte_floor = "10s";
  wish.first_byte_ceiling = "2m";
  auto set = world.client.set_routes(wish);
  REQUIRE_MESSAGE(set, fault_of(set));
  CHECK((*set)["failover_switches"] == 0);
  CHECK((*set)["first_byte_floor_ms"] == 10'000);
  CHECK((*set)["first_byte_ceiling_ms"] == 120'000);
  RouteSetWish own;
  own.project = "default";
  own.switches = "3";
  own.first_byte_ceiling = "20s";  // above the floor of all as it is now
  set = world.client.set_routes(own);
  CHECK((*set)["failover_switches"] == 3);
  CHECK((*set)["first_byte_floor_ms"] == 10'000);
  CHECK((*set)["first_byte_ceiling_ms"] == 20'000);
  own.switches = own.first_byte_ceiling = "none";
  set = world.client.set_routes(own);
  CHECK((*set)["failover_switches"] == 0);
  CHECK((*set)["first_byte_ceiling_ms"] == 120'000);
  wish.switches = wish.first_byte_floor = wish.first_byte_ceiling = "none";
  set = world.client.set_routes(wish);
  CHECK((*set)["failover_switches"] == 2);
  CHECK((*set)["first_byte_floor_ms"] == 30'000);
  CHECK((*set)["first_byte_ceiling_ms"] == 290'000);
}

TEST_CASE("switches and times that make no sense are refused") {
  PlaneWorld world;
  for (const char* switches : {"-1", "17", "many", "1.5", ""}) {
    CAPTURE(switches);
    RouteSetWish wish;
    wish.switches = switches;
    CHECK(fault_of(world.client.set_routes(wish)).starts_with("invalid"));
  }
  for (const char* time : {"0s", "2h", "soon", "-3s", "30"}) {
    CAPTURE(time);
    RouteSetWish wish;
    wish.first_byte_floor = time;
    CHECK(fault_of(world.client.set_routes(wish)).starts_with("invalid"));
  }
  RouteSetWish above;
  above.first_byte_floor = "50s";
  above.first_byte_ceiling = "40s";
  CHECK(says(fault_of(world.client.set_routes(above)), "above the ceiling"));
  above.project = "default";
  CHECK(says(fault_of(world.client.set_routes(above)), "above the ceiling"));
  above.first_byte_floor.reset();
  above.first_byte_ceiling = "20s";  // below the floor of all
  CHECK(says(fault_of(world.client.set_routes(above)), "above the ceiling"));
  RouteSetWish of_key;
  REQUIRE(world.create_key("ci"));
  of_key.key = "ci";
  of_key.switches = "1";
  CHECK(says(fault_of(world.client.set_routes(of_key)), "only the weights"));
  CHECK((*world.client.show_routes())["failover_switches"] == 2);
}

TEST_CASE("a list for auto is in force at once, is shown, changed, and goes") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  REQUIRE(world.client.set_alias({"mine", "mybox/a"}));
  const auto set =
      world.client.set_candidates({"auto", {"mine", "claude-sonnet-4-5", "mybox/b@mybox"}});
  REQUIRE_MESSAGE(set, fault_of(set));
  CHECK((*set)["asked_for"] == "auto");
  CHECK((*set)["models"] == Json::array({"mybox/a", sonnet, "mybox/b@mybox"}));
  CHECK(world.snapshot()->data.candidates.size() == 1);
  const auto other = world.client.set_candidates({"auto:coding", {"mybox/c"}});
  CHECK((*other)["name"] == "coding");
  CHECK((*other)["asked_for"] == "auto:coding");
  REQUIRE(world.client.set_candidates({"coding", {"mybox/d"}}));
  world.start();
  const auto lists = (*world.client.show_routes())["candidates"];
  REQUIRE(lists.size() == 2);
  CHECK(lists[1]["models"] == Json::array({"mybox/d"}));
  CHECK((*world.client.set_candidates({"coding", {}}))["models"].empty());
  CHECK((*world.client.show_routes())["candidates"].size() == 1);
  const std::string gone = fault_of(world.client.set_candidates({"coding", {}}));
  CHECK(gone.starts_with("not_found"));
  CHECK(says(gone, "routes candidates coding MODEL"));
}

TEST_CASE("a list that makes no sense is refused, and an alias cannot take its name") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  CHECK(fault_of(world.client.set_candidates({"auto", {"no/such"}})).starts_with("not_found"));
  CHECK(says(fault_of(world.client.set_candidates({"auto", {"mybox/a", "mybox/a"}})), "twice"));
  CHECK(says(fault_of(world.client.set_candidates({"auto", {"auto:coding"}})), "is a list itself"));
  for (const char* name : {"", "a b", "auto:", "auto:a:b", "sk-rk-abc"}) {
    CAPTURE(name);
    CHECK(fault_of(world.client.set_candidates({name, {"mybox/a"}})).starts_with("invalid"));
  }
  Strings many;
  for (int i = 0; i < 65; ++i) many.push_back("mybox/m" + std::to_string(i));
  CHECK(fault_of(world.client.set_candidates({"auto", many})).starts_with("invalid"));
  many.pop_back();
  CHECK(world.client.set_candidates({"auto", many}));
  CHECK(fault_of(world.client.set_alias({"auto:x", "mybox/a"})).starts_with("invalid"));
  CHECK(says(fault_of(world.client.show_model("auto")), "routes candidates auto"));
  CHECK(says(fault_of(world.client.set_quality({"auto:x", "1"})), "is a list to choose from"));
}

TEST_CASE("how good a model is, is the user's word or unknown") {
  PlaneWorld world;
  const auto before = world.client.show_model(sonnet);
  CHECK((*before)["quality"].is_null());
  CHECK((*before)["quality_source"] == "unknown");
  const auto set = world.client.set_quality({"claude-sonnet-4-5", ".9"});
  REQUIRE_MESSAGE(set, fault_of(set));
  CHECK((*set)["model"] == sonnet);
  world.start();
  CHECK((*world.client.show_model(sonnet))["quality"] == 0.9);
  CHECK((*world.client.show_model(sonnet))["quality_source"] == "user");
  CHECK((*world.client.show_routes())["qualities"][0]["quality"] == 0.9);
  REQUIRE(world.client.set_quality({sonnet, "0"}));
  CHECK((*world.client.show_routes())["qualities"].size() == 1);
  CHECK((*world.client.show_model(sonnet))["quality"] == 0);
  CHECK((*world.client.set_quality({sonnet, "none"}))["quality"].is_null());
  CHECK(fault_of(world.client.set_quality({sonnet, "none"})).starts_with("not_found"));
  for (const char* quality : {"1.1", "-1", "good", ""}) {
    CAPTURE(quality);
    CHECK(fault_of(world.client.set_quality({sonnet, quality})).starts_with("invalid"));
  }
  CHECK(fault_of(world.client.set_quality({"no/such", "1"})).starts_with("not_found"));
}

}  // namespace
}  // namespace routerone
