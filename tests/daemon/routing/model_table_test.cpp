#include "daemon/routing/model_table.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "tests/daemon/routing/table_fixture.h"

using namespace routerone;
using test::TableWorld;

namespace {

KeyRecord key_for(std::vector<std::string> models, std::vector<std::string> providers = {}) {
  KeyRecord key;
  key.limits.models = std::move(models);
  key.limits.providers = std::move(providers);
  return key;
}

std::vector<std::string> ids(const std::vector<routing::ModelTable::Listed>& list) {
  std::vector<std::string> out;
  for (const auto& one : list) out.push_back(one.id);
  return out;
}

/// Dice as the relay draws them: all 32 bits.
std::uint32_t spread(std::uint32_t i) { return i * 2654435761U; }

}  // namespace

TEST_CASE("the lower priority number is tried first, whatever the weights") {
  TableWorld world;
  world.add("acme", 5, 1000);
  world.add("host", 1, 1);
  for (std::uint32_t i = 0; i < 50; ++i) {
    CHECK(world.route("acme/one", nullptr, spread(i)) == "host:acme/one acme:one-v1");
  }
}

TEST_CASE("among equals the weights are the shares") {
  TableWorld world;
  world.add("acme", 0, 3);
  world.add("host", 0, 1);
  const auto table = world.table();
  int acme_first = 0;
  constexpr int draws = 4000;
  for (std::uint32_t i = 0; i < draws; ++i) {
    const auto plan = table->plan({"acme/one", "openai-chat", nullptr, spread(i)});
    REQUIRE(plan);
    REQUIRE(plan->targets.size() == 2);
    acme_first += plan->targets.front().endpoint->provider == "acme" ? 1 : 0;
  }
  CHECK(acme_first > draws * 70 / 100);
  CHECK(acme_first < draws * 80 / 100);
}

TEST_CASE("a weight of nothing is a place behind the others of its priority") {
  TableWorld world;
  world.add("acme", 0, 0);
  world.add("host", 0, 1);
  for (std::uint32_t i = 0; i < 200; ++i) {
    CHECK(world.route("acme/one", nullptr, spread(i)) == "host:acme/one acme:one-v1");
  }
  world.data.providers.back().weight = 0;
  CHECK(world.route("acme/one") == "acme:one-v1 host:acme/one");
}

TEST_CASE("a plan is the same for the same dice, and has every target once") {
  CHECK(rc::check([](std::uint32_t dice, std::uint8_t a, std::uint8_t b) {
    TableWorld world;
    world.add("acme", a % 3, a);
    world.add("host", b % 3, b);
    const std::string route = world.route("acme/one", nullptr, dice);
    RC_ASSERT(route == world.route("acme/one", nullptr, dice));
    RC_ASSERT(route == "acme:one-v1 host:acme/one" || route == "host:acme/one acme:one-v1");
    if (a % 3 < b % 3) RC_ASSERT(route.starts_with("acme"));
    if (b % 3 < a % 3) RC_ASSERT(route.starts_with("host"));
  }));
}

TEST_CASE("another model is tried only where a chain was made, after the model's own targets") {
  TableWorld world;
  world.add("acme", 1);
  world.add("host");
  world.add("zeta");
  CHECK(world.route("acme/one") == "host:acme/one acme:one-v1");
  world.data.fallbacks = {{"acme/one", {"zeta/duo", "acme/duo"}}};
  CHECK(world.route("acme/one") == "host:acme/one acme:one-v1 -zeta:duo -acme:duo");
  CHECK(world.route("uno") == "host:acme/one acme:one-v1 -zeta:duo -acme:duo");
  CHECK(world.route("zeta/duo") == "zeta:duo");
  CHECK(world.route("acme/duo") == "acme:duo");
}

TEST_CASE("a chain is not followed from a model of a chain, and what is gone is left out") {
  TableWorld world;
  world.add("acme");
  world.add("zeta").enabled = false;
  world.data.fallbacks = {{"acme/one", {"zeta/duo", "acme/duo"}}, {"acme/duo", {"acme/solo"}}};
  CHECK(world.route("acme/one") == "acme:one-v1 -acme:duo");
}

TEST_CASE("a chain stands in where no target of the model itself speaks the dialect") {
  TableWorld world;
  world.add("acme").endpoints = {{"anthropic", "https://acme.test/v1"}};
  world.add("zeta");
  world.data.fallbacks = {{"acme/one", {"zeta/duo"}}};
  CHECK(world.route("acme/one") == "-zeta:duo");
}

TEST_CASE("a model in another dialect only is refused with the dialects it can be asked in") {
  TableWorld world;
  world.add("acme").endpoints = {{"anthropic", "https://acme.test/v1"}};
  const auto plan = world.plan("acme/one");
  REQUIRE_FALSE(plan);
  CHECK(plan.error().kind == RefusalKind::bad_request);
  CHECK(plan.error().message.find("anthropic") != std::string::npos);
}

TEST_CASE("a provider whose base URLs cannot be used refuses in words") {
  TableWorld world;
  world.add("acme").endpoints = {{"openai-chat", "https://{HOST}/v1"}};
  const std::string route = world.route("acme/one");
  CHECK(route.starts_with("! no base URL"));
  world.data.providers.front().variables["HOST"] = "eu.acme.test";
  CHECK(world.route("acme/one") == "acme:one-v1");
  CHECK(world.plan("acme/one")->targets.front().endpoint->host == "eu.acme.test");
}

TEST_CASE("a key's globs match the canonical id, never the name that was asked for") {
  TableWorld world;
  world.add("acme");
  world.add("mybox");
  world.data.aliases = {{"acme-free", "mybox/tiny"}};
  const KeyRecord acme_only = key_for({"acme/*"});
  CHECK(world.route("uno", &acme_only) == "acme:one-v1");
  CHECK(world.route("acme-free", &acme_only) == "! this key may not use the model 'acme-free'");
  CHECK(world.route("mybox/tiny", &acme_only) == "! this key may not use the model 'mybox/tiny'");
  const KeyRecord uno_only = key_for({"uno"});
  CHECK(world.route("uno", &uno_only) == "! this key may not use the model 'uno'");
  const KeyRecord own_id = key_for({"mybox/t*"});
  CHECK(world.route("acme-free", &own_id) == "mybox:tiny");
}

TEST_CASE("a key's providers narrow the plan, its chains too") {
  TableWorld world;
  world.add("acme");
  world.add("host");
  world.add("zeta");
  world.data.fallbacks = {{"acme/one", {"zeta/duo"}}};
  const KeyRecord key = key_for({}, {"host"});
  CHECK(world.route("acme/one", &key) == "host:acme/one");
  CHECK(world.route("acme/one@acme", &key).starts_with("! "));
}

TEST_CASE("names that a key may not use are not suggested to it") {
  TableWorld world;
  world.add("acme");
  world.add("mybox");
  world.data.aliases = {{"secret-plan", "mybox/tiny"}};
  const KeyRecord key = key_for({"acme/*"});
  CHECK(world.route("secret-plam", &key).find("secret-plan") == std::string::npos);
  CHECK(world.route("secret-plam").find("secret-plan") != std::string::npos);
}

TEST_CASE("the list has what a key may use, in order, aliases and providers with it") {
  TableWorld world;
  world.add("host");
  world.add("acme");
  world.add("mybox");
  world.data.aliases = {{"fast", "acme/duo"}, {"local", "mybox/tiny"}, {"gone", "zeta/duo"}};
  const auto table = world.table();
  const auto all = table->list(nullptr);
  CHECK(ids(all) == std::vector<std::string>{"acme/duo", "acme/one", "acme/solo", "fast", "local"});
  CHECK(all[1].providers.size() == 2);
  CHECK(all[3].name == "The acme/duo");
  CHECK(all[4].providers == std::vector<std::string>{"mybox"});
  const KeyRecord key = key_for({"acme/o*"}, {"acme"});
  const auto some = table->list(&key);
  CHECK(ids(some) == std::vector<std::string>{"acme/one"});
  CHECK(some.front().providers == std::vector<std::string>{"acme"});
}

TEST_CASE("an alias that takes the name of a model hides it in the list") {
  TableWorld world;
  world.add("acme");
  world.data.aliases = {{"acme/one", "acme/duo"}};
  const auto list = world.table()->list(nullptr);
  CHECK(ids(list) == std::vector<std::string>{"acme/duo", "acme/one"});
  CHECK(list.back().name == "The acme/duo");
}

TEST_CASE("the user's own price replaces the posted one, for own ids and built-in models too") {
  TableWorld world;
  world.add("acme");
  world.add("mybox");
  routing::BuiltIn built_in;
  built_in.record.id = "play";
  built_in.record.endpoints = {{"openai-chat", "http://127.0.0.1:9/v1"}};
  built_in.models = {"ground", "pen"};
  built_in.price_json = R"({"input":1,"output":2})";
  world.built_in = {built_in};
  const char* own = R"({"input":7,"output":8})";
  world.data.prices = {{"acme/one", own}, {"mybox/tiny", own}, {"play/pen", own}};
  for (const char* model : {"acme/one", "mybox/tiny", "play/pen"}) {
    CAPTURE(model);
    const auto plan = world.plan(model);
    REQUIRE(plan);
    REQUIRE(plan->targets.front().price != nullptr);
    CHECK(plan->targets.front().price->table.input == 7'000'000);
    CHECK(plan->targets.front().price_source == PriceSource::own);
  }
  for (const char* model : {"acme/duo", "play/ground"}) {
    CAPTURE(model);
    const auto plan = world.plan(model);
    REQUIRE(plan);
    CHECK(plan->targets.front().price->table.input == 1'000'000);
    CHECK(plan->targets.front().price_source == PriceSource::catalog);
  }
}
