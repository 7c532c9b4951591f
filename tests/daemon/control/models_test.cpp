#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using test::fault_of;
using test::PlaneWorld;
using test::says;

constexpr const char* sonnet = "anthropic/claude-sonnet-4.5";

/// What a request for `model` would be sent to, by the snapshot that every loop has.
std::string route_of(const PlaneWorld& world, const std::string& model) {
  const auto plan = world.snapshot()->models.plan({model, "openai-chat", nullptr, 1});
  if (!plan) return "";
  std::string text;
  for (const Target& target : plan->targets) {
    text +=
        (text.empty() ? "" : " ") + target.endpoint->provider + ":" + target.name->upstream_model;
  }
  return text;
}

std::vector<std::string> ids(const Result<Json>& list) {
  std::vector<std::string> out;
  if (list)
    for (const Json& row : *list) out.push_back(row["id"]);
  return out;
}

bool has(const std::vector<std::string>& list, const std::string& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

TEST_CASE("an alias is in force at once, may be changed, and goes") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  const auto set = world.client.set_alias({"best", "mybox/llama3.3:70b"});
  REQUIRE(set);
  CHECK((*set)["alias"] == "best");
  CHECK((*set)["model"] == "mybox/llama3.3:70b");
  CHECK(route_of(world, "best") == "mybox:llama3.3:70b");
  REQUIRE(world.client.set_alias({"best", "sandbox/echo"}));
  CHECK(route_of(world, "best") == "sandbox:echo");
  CHECK((*world.client.show_routes())["aliases"].size() == 1);
  REQUIRE(world.client.set_alias({"best", ""}));
  CHECK(route_of(world, "best").empty());
  CHECK(fault_of(world.client.set_alias({"best", ""})).starts_with("not_found"));
}

TEST_CASE("an alias is kept as the canonical id behind whatever name was given") {
  PlaneWorld world;
  CHECK((*world.client.set_alias({"a", "claude-sonnet-4-5"}))["model"] == sonnet);
  CHECK((*world.client.set_alias({"b", "claude-sonnet-4.5"}))["model"] == sonnet);
  CHECK((*world.client.set_alias({"c", "a"}))["model"] == sonnet);
  const auto shown = world.client.show_model(sonnet);
  REQUIRE(shown);
  CHECK((*shown)["aliases"] == Json::array({"claude-sonnet-4-5", "a", "b", "c"}));
}

TEST_CASE("an alias and a chain may lead to a pinned model, a price belongs to the model alone") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  REQUIRE(world.add_local("other"));
  CHECK((*world.client.set_alias({"mine", "mybox/a@mybox"}))["model"] == "mybox/a@mybox");
  CHECK(route_of(world, "mine") == "mybox:a");
  CHECK((*world.client.set_alias({"s", "claude-sonnet-4-5@other"}))["model"] ==
        std::string(sonnet) + "@other");
  CHECK((*world.client.set_alias({"too", "mine"}))["model"] == "mybox/a@mybox");
  CHECK((*world.client.show_model("mine"))["id"] == "mybox/a");
  CHECK((*world.client.show_model("s"))["id"] == sonnet);
  REQUIRE(world.client.set_fallback({"other/b", {"mybox/a@mybox"}}));
  CHECK(route_of(world, "other/b") == "other:b mybox:a");
  for (const auto& refused :
       {world.client.set_price({"mybox/a@other", R"({"input":1,"output":2})"}),
        world.client.set_fallback({"mybox/a@mybox", {"other/b"}}),
        world.client.show_model("mybox/a@other")}) {
    CHECK(fault_of(refused).starts_with("invalid"));
    CHECK(says(fault_of(refused), "leave off @"));
  }
  CHECK(world.client.show_model("mybox/a@2026"));
}

TEST_CASE("an alias cannot lead nowhere, to itself, or bear a name that means something else") {
  PlaneWorld world;
  CHECK(fault_of(world.client.set_alias({"x", "no/such-model"})).starts_with("not_found"));
  CHECK(fault_of(world.client.set_alias({"x", "x"})).starts_with("not_found"));
  for (const char* name : {"", "auto", "a b", "a,b", "a\"b", "a\nb", "a\x1b[31m"}) {
    CAPTURE(name);
    CHECK(fault_of(world.client.set_alias({name, sonnet})).starts_with("invalid"));
  }
  CHECK(fault_of(world.client.set_alias({std::string(129, 'a'), sonnet})).starts_with("invalid"));
  CHECK((*world.client.show_routes())["aliases"].empty());
}

TEST_CASE("a price of one's own replaces the posted one until it is cleared") {
  PlaneWorld world;
  const auto before = world.client.show_model(sonnet);
  REQUIRE(before);
  CHECK((*before)["price_source"] == "catalog");
  CHECK((*before)["price"]["input"] == "3");
  const auto set = world.client.set_price({"claude-sonnet-4-5", R"({"input":"1.5","output":7})"});
  REQUIRE(set);
  CHECK((*set)["model"] == sonnet);
  CHECK((*set)["price"]["input"] == "1.5");
  CHECK((*set)["price"]["output"] == "7");
  CHECK((*set)["price_source"] == "override");
  CHECK_FALSE((*world.client.show_model(sonnet))["price"].contains("cache_read"));
  world.start();
  CHECK((*world.client.show_model(sonnet))["price_source"] == "override");
  REQUIRE(world.client.set_price({sonnet, ""}));
  CHECK((*world.client.show_model(sonnet))["price_source"] == "catalog");
  CHECK(fault_of(world.client.set_price({sonnet, ""})).starts_with("not_found"));
}

TEST_CASE("a model without a posted price has none, and may be given one") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  const auto unknown = world.client.show_model("mybox/tiny");
  REQUIRE(unknown);
  CHECK((*unknown)["price"].is_null());
  CHECK((*unknown)["price_source"] == "unknown");
  REQUIRE(world.client.set_price({"mybox/tiny", R"({"input":0,"output":0})"}));
  CHECK((*world.client.show_model("mybox/tiny"))["price"]["input"] == "0");
  const auto plan = world.snapshot()->models.plan({"mybox/tiny", "openai-chat", nullptr, 1});
  REQUIRE(plan);
  CHECK(plan->targets.front().price_source == PriceSource::own);
}

TEST_CASE("a price that is none is refused with what is wrong, and the old one stays") {
  PlaneWorld world;
  REQUIRE(world.client.set_price({sonnet, R"({"input":1,"output":2})"}));
  for (const char* price :
       {"{", "[]", R"({"input":1})", R"({"input":-1,"output":2})",
        R"({"input":1,"output":2,"cache_raed":1})", R"({"input":0.0000001,"output":2})",
        R"({"input":1,"output":2,"tiers":{}})"}) {
    CAPTURE(price);
    CHECK(fault_of(world.client.set_price({sonnet, price})).starts_with("invalid"));
  }
  CHECK((*world.client.show_model(sonnet))["price"]["output"] == "2");
}

TEST_CASE("the list has what can be used here; the whole catalog only where it is asked for") {
  PlaneWorld world;
  CHECK(ids(world.client.list_models({})) == std::vector<std::string>{"sandbox/echo"});
  REQUIRE(world.client.set_alias({"mine", "sandbox/echo"}));
  const auto listed = world.client.list_models({});
  CHECK(ids(listed) == std::vector<std::string>{"mine", "sandbox/echo"});
  CHECK((*listed)[0]["alias_of"] == "sandbox/echo");
  CHECK((*listed)[1]["price"]["input"] == "1");
  const auto all = world.client.list_models({"", true});
  CHECK(all->size() == world.catalog.models().size());
  const auto some = world.client.list_models({"SONNET-4.5", true});
  CHECK(has(ids(some), sonnet));
  CHECK(some->size() < 20);
  CHECK(world.client.list_models({"no-such-thing", true})->empty());
}

TEST_CASE("a name that is no model is not found, with the nearest; one of two is asked back") {
  PlaneWorld world;
  const std::string fault = fault_of(world.client.show_model("anthropic/claude-sonet-4.5"));
  CHECK(fault.starts_with("not_found"));
  CHECK(says(fault, sonnet));
  CHECK(says(fault_of(world.client.show_model("ember-1")), "openrouter/ember-1"));
}

TEST_CASE("a chain of fallbacks is in force at once, is shown, and goes") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  REQUIRE(world.add_local("other"));
  const auto set = world.client.set_fallback({"mybox/a", {"other/b", "sandbox/echo"}});
  REQUIRE(set);
  CHECK((*set)["chain"] == Json::array({"other/b", "sandbox/echo"}));
  CHECK(route_of(world, "mybox/a") == "mybox:a other:b sandbox:echo");
  CHECK((*world.client.show_model("mybox/a"))["fallback"].size() == 2);
  const auto routes = world.client.show_routes();
  CHECK((*routes)["fallbacks"][0]["model"] == "mybox/a");
  CHECK((*routes)["failover_switches"] == 2);
  REQUIRE(world.client.set_fallback({"mybox/a", {"other/b"}}));
  CHECK(route_of(world, "mybox/a") == "mybox:a other:b");
  REQUIRE(world.client.set_fallback({"mybox/a", {}}));
  CHECK(route_of(world, "mybox/a") == "mybox:a");
  CHECK(fault_of(world.client.set_fallback({"mybox/a", {}})).starts_with("not_found"));
}

TEST_CASE("a chain that makes no sense is refused") {
  PlaneWorld world;
  CHECK(fault_of(world.client.set_fallback({sonnet, {sonnet}})).starts_with("invalid"));
  CHECK(
      fault_of(world.client.set_fallback({sonnet, {"claude-sonnet-4-5"}})).starts_with("invalid"));
  CHECK(fault_of(world.client.set_fallback({sonnet, {"sandbox/echo", "sandbox/echo"}}))
            .starts_with("invalid"));
  CHECK(fault_of(world.client.set_fallback({sonnet, {"no/such"}})).starts_with("not_found"));
  CHECK(fault_of(world.client.set_fallback({"no/such", {sonnet}})).starts_with("not_found"));
  std::vector<std::string> many;
  for (int i = 0; i < 17; ++i) many.push_back("sandbox/m" + std::to_string(i));
  CHECK(fault_of(world.client.set_fallback({sonnet, many})).starts_with("invalid"));
  CHECK((*world.client.show_routes())["fallbacks"].empty());
}

constexpr const char* update = R"({"schema_version":1,"generated":"2099-01-01",
  "providers":[{"id":"newlab","name":"New Lab","kind":"lab","auth":"bearer","env":[],
    "dialect":"openai-chat","base_url":"https://newlab.example/v1",
    "endpoints":[{"dialect":"openai-chat","base_url":"https://newlab.example/v1"}]}],
  "models":[{"id":"newlab/first","name":"First","lab":"newlab","kind":"chat",
    "offers":[{"provider":"newlab","upstream_id":"first","price":{"input":1,"output":2}}]}]})";

std::string file_with(const PlaneWorld& world, const std::string& text) {
  const auto file = world.folder.path() / "catalog.json";
  std::ofstream(file) << text;
  return file.string();
}

TEST_CASE(
    "an update of the catalog is in force at once, after a restart, and until it is cleared") {
  PlaneWorld world;
  CHECK(fault_of(world.client.show_model("newlab/first")).starts_with("not_found"));
  const auto done = world.client.update_catalog({file_with(world, update)});
  REQUIRE_MESSAGE(done, fault_of(done));
  CHECK((*done)["generated"] == "2099-01-01");
  CHECK((*done)["models_added"] == Json::array({"newlab/first"}));
  CHECK((*done)["providers_added"] == Json::array({"newlab"}));
  CHECK((*done)["models_removed"].empty());
  for (int start = 0; start < 2; ++start) {
    const auto model = world.client.show_model("newlab/first");
    REQUIRE(model);
    CHECK((*model)["price"]["input"] == "1");
    CHECK((*world.client.status())["catalog"]["generated"] == "2099-01-01");
    world.start();
  }
  const auto back = world.client.update_catalog({});
  REQUIRE(back);
  CHECK((*back)["models_removed"] == Json::array({"newlab/first"}));
  CHECK(fault_of(world.client.show_model("newlab/first")).starts_with("not_found"));
  CHECK(world.client.update_catalog({}));  // clearing twice is no failure
}

TEST_CASE("a changed price is told, and the user's own goes before it") {
  PlaneWorld world;
  REQUIRE(world.client.update_catalog({file_with(world, update)}));
  std::string dearer = update;
  dearer.replace(dearer.find("\"input\":1"), 9, "\"input\":7");
  const auto done = world.client.update_catalog({file_with(world, dearer)});
  REQUIRE_MESSAGE(done, fault_of(done));
  CHECK((*done)["offers_changed"] == Json::array({"newlab/first"}));
  CHECK((*world.client.show_model("newlab/first"))["price"]["input"] == "7");
  REQUIRE(world.client.set_price({"newlab/first", R"({"input":3,"output":3})"}));
  CHECK((*world.client.show_model("newlab/first"))["price"]["input"] == "3");
}

TEST_CASE("a broken update is refused and changes nothing; one spoilt later stops nothing") {
  PlaneWorld world;
  REQUIRE(world.client.update_catalog({file_with(world, update)}));
  for (const char* text : {"", "{", "[]", "{}"}) {
    CAPTURE(text);
    CHECK_FALSE(world.client.update_catalog({file_with(world, text)}));
    CHECK(world.client.show_model("newlab/first"));
  }
  CHECK(fault_of(world.client.update_catalog({"/no/such/file"})).starts_with("not_found"));
  std::ofstream(world.paths.state_dir / "catalog-update.json") << "{";
  world.start();
  CHECK_FALSE((*world.client.status())["catalog"]["trouble"].is_null());
  CHECK(fault_of(world.client.show_model("newlab/first")).starts_with("not_found"));
}

}  // namespace
}  // namespace routerone
