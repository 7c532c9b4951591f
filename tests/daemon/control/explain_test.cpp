#include <doctest/doctest.h>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::ExplainWish;
using control::Strings;
using test::fault_of;
using test::PlaneWorld;
using test::says;

/// Two providers of nobody's whose models may stand in for each other: one cheap, one dear.
void add_two(PlaneWorld& world) {
  REQUIRE(world.add_local("cheapbox"));
  REQUIRE(world.add_local("dearbox"));
  REQUIRE(world.client.set_price({"cheapbox/m", R"({"input":1,"output":1})"}));
  REQUIRE(world.client.set_price({"dearbox/m", R"({"input":100,"output":100})"}));
  REQUIRE(world.client.set_quality({"cheapbox/m", ".2"}));
  REQUIRE(world.client.set_quality({"dearbox/m", "1"}));
  REQUIRE(world.client.set_candidates({"auto", {"cheapbox/m", "dearbox/m"}}));
}

/// One that the catalog knows all about, beside one that it does not.
void add_known(PlaneWorld& world, const char* provider_id, const char* model) {
  control::ProviderWish provider;
  provider.id = provider_id;
  provider.key.emplace("sk-test");
  REQUIRE(world.client.add_provider(provider));
  REQUIRE(world.client.set_candidates({"auto", {"sandbox/echo", model}}));
}

Json explain(const PlaneWorld& world, const ExplainWish& wish) {
  const auto answer = world.client.explain_route(wish);
  REQUIRE_MESSAGE(answer, fault_of(answer));
  return *answer;
}

ExplainWish under(const char* weights) {
  ExplainWish wish;
  wish.model = "auto";
  wish.weights = Strings{weights};
  return wish;
}

TEST_CASE("the weights decide who comes first, and each candidate tells its figures") {
  PlaneWorld world;
  add_two(world);
  const Json cheap = explain(world, under("cheap"));
  REQUIRE(cheap["candidates"].size() == 2);
  CHECK(cheap["candidates"][0]["target"] == "cheapbox/m");
  CHECK(cheap["weights_from"] == "request");
  CHECK(cheap["automatic"] == true);
  const Json best = explain(world, under("best"));
  const Json& first = best["candidates"][0];
  CHECK(first["target"] == "dearbox/m");
  CHECK(first["quality"] == 1);
  CHECK(first["terms"]["quality"] == 1);
  CHECK(first["terms"]["cost"].get<double>() < 0.02);
  CHECK(first["latency_ms"].is_null());
  CHECK(first["state"] == "ready");
  CHECK(first["why"].is_null());
  CHECK(best["as_good"] == 1);
}

TEST_CASE("those that are as good as each other are counted: they share the load") {
  PlaneWorld world;
  add_two(world);
  REQUIRE(world.client.set_price({"dearbox/m", R"({"input":1,"output":1})"}));
  REQUIRE(world.client.set_quality({"dearbox/m", ".2"}));
  CHECK(explain(world, under("cheap"))["as_good"] == 2);
  ExplainWish sorted;
  sorted.model = "auto:floor";
  CHECK(explain(world, sorted)["as_good"] == 1);
}

TEST_CASE("the size of a request is what its cost is told for") {
  PlaneWorld world;
  add_two(world);
  ExplainWish wish = under("cheap");
  wish.input = 1'000'000;
  wish.output = 0;
  CHECK(explain(world, wish)["candidates"][0]["cost"].get<double>() == doctest::Approx(1));
  wish.input = -1;
  CHECK(fault_of(world.client.explain_route(wish)).starts_with("invalid"));
}

TEST_CASE("a model too small for the request is left out of a choice, by name") {
  PlaneWorld world;
  add_known(world, "anthropic", "claude-haiku-4-5");
  ExplainWish wish = under("cheap");
  CHECK(explain(world, wish)["candidates"].size() == 2);
  wish.input = 50'000'000;
  const Json answer = explain(world, wish);
  CHECK(answer["candidates"].size() == 1);
  REQUIRE(answer["excluded"].size() == 1);
  CHECK(answer["excluded"][0]["model"] == "anthropic/claude-haiku-4.5");
  CHECK(answer["excluded"][0]["reason"] == "context");
  CHECK(answer["excluded"][0]["words"] == "the request is longer than its context");
}

TEST_CASE("what a request would need leaves out who cannot, and nothing unknown can be needed") {
  PlaneWorld world;
  add_known(world, "deepseek", "deepseek/deepseek-v4-flash");
  ExplainWish wish = under("cheap");
  wish.needs = {"tools", "reasoning"};
  CHECK(explain(world, wish)["excluded"].empty());
  wish.needs = {"images"};
  const Json answer = explain(world, wish);
  REQUIRE(answer["excluded"].size() == 1);
  CHECK(answer["excluded"][0]["model"] == "deepseek/deepseek-v4-flash");
  CHECK(answer["excluded"][0]["reason"] == "images");
  wish.needs = {"telepathy"};
  CHECK(says(fault_of(world.client.explain_route(wish)), "telepathy"));
}

TEST_CASE("weights are those of the key, else of its project, else of all") {
  PlaneWorld world;
  add_two(world);
  control::ProjectWish project;
  project.name = "web";
  REQUIRE(world.client.create_project(project));
  control::KeyWish key;
  key.name = "ci";
  key.project = "web";
  REQUIRE(world.client.create_key(key));
  ExplainWish wish;
  wish.model = "auto";
  wish.key = "ci";
  CHECK(explain(world, wish)["weights_from"] == "all");
  control::RouteSetWish set;
  set.weights = Strings{"cheap"};
  set.project = "web";
  REQUIRE(world.client.set_routes(set));
  CHECK(explain(world, wish)["weights_from"] == "project");
  CHECK(explain(world, wish)["candidates"][0]["target"] == "cheapbox/m");
  set.project.reset();
  set.key = "ci";
  set.weights = Strings{"best"};
  REQUIRE(world.client.set_routes(set));
  CHECK(explain(world, wish)["weights_from"] == "key");
  CHECK(explain(world, wish)["candidates"][0]["target"] == "dearbox/m");
  wish.project = "default";
  CHECK(says(fault_of(world.client.explain_route(wish)), "is of the project \"web\""));
}

TEST_CASE("a target that failed stands behind, and says why and for how long") {
  PlaneWorld world;
  add_two(world);
  const auto began = world.health.begin("cheapbox/m");
  REQUIRE(began);
  world.health.ended("cheapbox/m", *began, FailureClass::rate_limited, std::chrono::seconds(30),
                     {.failed = true});
  const Json answer = explain(world, under("cheap"));
  CHECK(answer["candidates"][0]["target"] == "dearbox/m");
  const Json& out = answer["candidates"][1];
  CHECK(out["state"] == "cooling");
  CHECK(out["why"] == "rate_limited");
  CHECK(out["ready_in_s"] == 30);
}

TEST_CASE("a model with one target is explained as well") {
  PlaneWorld world;
  ExplainWish wish;
  wish.model = "sandbox/echo";
  const Json answer = explain(world, wish);
  REQUIRE(answer["candidates"].size() == 1);
  CHECK(answer["candidates"][0]["target"] == "sandbox/echo");
  CHECK(answer["automatic"] == false);
}

TEST_CASE("who may not serve is left out with a reason in words, and limits of the key hold") {
  PlaneWorld world;
  add_two(world);
  control::LimitsWish limits;
  limits.providers = Strings{"cheapbox"};
  REQUIRE(world.create_key("ci", limits));
  ExplainWish wish = under("best");
  wish.key = "ci";
  const Json answer = explain(world, wish);
  REQUIRE(answer["candidates"].size() == 1);
  CHECK(answer["candidates"][0]["target"] == "cheapbox/m");
  REQUIRE(answer["excluded"].size() == 1);
  CHECK(answer["excluded"][0]["provider"] == "dearbox");
  CHECK(answer["excluded"][0]["words"] == "this key may not use it");
}

TEST_CASE("a run inside another may go no further than that one") {
  PlaneWorld world;
  add_two(world);
  control::RunWish run;
  run.program = "outer";
  run.limits.providers = Strings{"cheapbox"};
  const auto outer = world.client.begin_run(run);
  REQUIRE(outer);
  run = {};
  run.program = "inner";
  run.outer = outer->answer["id"].get<std::string>();
  const auto inner = world.client.begin_run(run);
  REQUIRE_MESSAGE(inner, (inner ? "" : inner.error().message));
  ExplainWish wish = under("best");
  wish.key = inner->answer["name"].get<std::string>();
  CHECK(explain(world, wish)["candidates"].size() == 1);
}

TEST_CASE("under a spend limit, who has no known price is left out") {
  PlaneWorld world;
  add_two(world);
  REQUIRE(world.client.set_candidates({"auto", {"cheapbox/m", "dearbox/unknown"}}));
  CHECK(explain(world, under("best"))["candidates"].size() == 2);
  control::LimitsWish limits;
  limits.spend.max_spend = "5";
  REQUIRE(world.create_key("ci", limits));
  ExplainWish wish = under("best");
  wish.key = "ci";
  const Json answer = explain(world, wish);
  REQUIRE(answer["candidates"].size() == 1);
  CHECK(answer["excluded"][0]["reason"] == "unpriced");
}

TEST_CASE("what cannot be explained says what is wrong and what there is") {
  PlaneWorld world;
  const std::string none = fault_of(world.client.explain_route({"auto"}));
  CHECK(none.starts_with("not_found"));
  CHECK(says(none, "routerone routes candidates auto"));
  CHECK(fault_of(world.client.explain_route({"no/such"})).starts_with("not_found"));
  ExplainWish wish;
  wish.model = "sandbox/echo";
  wish.dialect = "klingon";
  CHECK(says(fault_of(world.client.explain_route(wish)), "there are openai-chat"));
  wish.dialect = "anthropic-messages";
  CHECK(explain(world, wish)["dialect"] == "anthropic");
  wish = {"sandbox/echo"};
  wish.key = "nobody";
  CHECK(fault_of(world.client.explain_route(wish)).starts_with("not_found"));
  wish = {"sandbox/echo"};
  wish.project = "nothing";
  CHECK(fault_of(world.client.explain_route(wish)).starts_with("not_found"));
  wish = {"sandbox/echo"};
  wish.weights = Strings{"latncy=1"};
  CHECK(says(fault_of(world.client.explain_route(wish)), "latncy"));
}

}  // namespace
}  // namespace routerone
