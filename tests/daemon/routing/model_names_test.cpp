#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/daemon/routing/table_fixture.h"

using namespace routerone;
using test::TableWorld;

namespace {

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a model is found by its id, its aliases and its slug") {
  TableWorld world;
  world.add("acme");
  for (const char* name : {"acme/one", "one-latest", "uno", "one"}) {
    CAPTURE(name);
    CHECK(world.route(name) == "acme:one-v1");
    CHECK(world.plan(name)->targets.front().name->model == "acme/one");
  }
}

TEST_CASE("a slug that two models have is no name") {
  TableWorld world;
  world.add("acme");
  world.add("zeta");
  CHECK(world.route("duo").starts_with("! "));
  CHECK(world.route("acme/duo") == "acme:duo");
  CHECK(world.route("zeta/duo") == "zeta:duo");
}

TEST_CASE("the user's alias comes before everything else") {
  TableWorld world;
  world.add("acme");
  world.add("zeta");
  for (const char* name : {"uno", "one", "acme/one", "zeta/anything", "best"}) {
    CAPTURE(name);
    world.data.aliases = {{name, "zeta/duo"}};
    CHECK(world.route(name) == "zeta:duo");
  }
}

TEST_CASE("a canonical id comes before a provider's own id of the same spelling") {
  TableWorld world;
  world.add("acme");
  CHECK(world.route("acme/one") == "acme:one-v1");
  CHECK(world.route("acme/one-v1") == "acme:one-v1");
  CHECK(world.plan("acme/one-v1")->targets.front().name->model == "acme/one-v1");
}

TEST_CASE("a provider's own id goes to that provider, the rest byte for byte") {
  TableWorld world;
  world.add("mybox");
  for (const char* rest : {"llama3.3:70b", "org/model/deep", "A B", "x@y", "Ünï", "models//x/"}) {
    CAPTURE(rest);
    CHECK(world.route(std::string("mybox/") + rest) == std::string("mybox:") + rest);
  }
  const auto plan = world.plan("mybox/llama3.3:70b");
  CHECK(plan->targets.front().price == nullptr);
  CHECK(plan->targets.front().price_source == PriceSource::unknown);
  CHECK(plan->targets.front().name->model == "mybox/llama3.3:70b");
}

TEST_CASE("a provider with nothing behind its slash is no model") {
  TableWorld world;
  world.add("mybox");
  CHECK(world.route("mybox/").starts_with("! there is no model"));
  CHECK(world.route("mybox").starts_with("! there is no model"));
  CHECK(world.route("/x").starts_with("! there is no model"));
  CHECK(world.route("").starts_with("! there is no model"));
}

TEST_CASE("a pin keeps one of the providers") {
  TableWorld world;
  world.add("acme");
  world.add("host");
  CHECK(world.route("acme/one@host") == "host:acme/one");
  CHECK(world.route("acme/one@acme") == "acme:one-v1");
  CHECK(world.route("uno@host") == "host:acme/one");
  CHECK(world.route("mine@host").starts_with("! "));
  world.data.aliases = {{"mine", "acme/one"}};
  CHECK(world.route("mine@host") == "host:acme/one");
}

TEST_CASE("a pin is read as one though the model's lab is a provider here too") {
  TableWorld world;
  world.add("acme");
  world.add("host");
  const auto plan = world.plan("acme/one@host");
  REQUIRE(plan);
  REQUIRE(plan->targets.size() == 1);
  CHECK(plan->targets.front().endpoint->provider == "host");
  CHECK(plan->targets.front().name->model == "acme/one");
}

TEST_CASE("an alias and a chain may lead to a pinned model") {
  TableWorld world;
  world.add("acme");
  world.add("host");
  world.add("zeta");
  world.data.aliases = {{"mine", "acme/one@host"}};
  CHECK(world.route("mine") == "host:acme/one");
  CHECK(world.plan("mine")->targets.front().name->model == "acme/one");
  world.data.fallbacks = {{"zeta/duo", {"acme/one@host"}}};
  CHECK(world.route("zeta/duo") == "zeta:duo -host:acme/one");
}

TEST_CASE("what stands behind an @ is part of the name unless it is a provider here") {
  TableWorld world;
  world.add("mybox");
  CHECK(world.route("mybox/model@2026-01") == "mybox:model@2026-01");
  CHECK(world.route("mybox/model@acme") == "mybox:model@acme");
  CHECK(world.route("mybox/model@mybox") == "mybox:model");
  world.add("host");
  CHECK(world.route("host/solo@v2") == "host:solo@v2");
}

TEST_CASE("a pin to a provider that does not serve the model says who does") {
  TableWorld world;
  world.add("acme");
  world.add("zeta");
  const auto plan = world.plan("acme/one@zeta");
  REQUIRE_FALSE(plan);
  CHECK(plan.error().kind == RefusalKind::unknown_model);
  CHECK(says(plan.error().message, "'zeta' does not serve"));
  CHECK(says(plan.error().message, "acme"));
}

TEST_CASE("a name that is nobody's is refused with the nearest ones") {
  TableWorld world;
  world.add("acme");
  world.data.aliases = {{"quick", "acme/one"}};
  const auto plan = world.plan("acme/onne");
  // A provider's own id may be anything, so a name below a provider is always one.
  CHECK(plan.has_value());
  const auto missing = world.plan("amce/one");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == RefusalKind::unknown_model);
  CHECK(missing.error().param == "model");
  CHECK(says(missing.error().message, "nearest: acme/one"));
  CHECK(says(world.route("quikc"), "quick"));
}

TEST_CASE("a model that nobody here serves says which provider to add") {
  TableWorld world;
  world.add("zeta");
  for (const char* name : {"acme/one", "uno", "one"}) {
    CAPTURE(name);
    const std::string route = world.route(name);
    CHECK(says(route, "'acme/one'"));
    CHECK(says(route, "acme, host"));
    CHECK(says(route, "routerone providers add acme"));
  }
}

TEST_CASE("a provider that is switched off is not there") {
  TableWorld world;
  world.add("acme").enabled = false;
  world.add("host");
  CHECK(world.route("acme/one") == "host:acme/one");
  CHECK(world.route("acme/anything").starts_with("! "));
  CHECK(world.route("acme/one@acme").starts_with("! "));
  world.data.providers.back().enabled = false;
  CHECK(world.route("acme/one").starts_with("! no provider that serves"));
  CHECK(world.table()->list(nullptr).empty());
}

TEST_CASE("what is not there yet says so, and control characters in a name are shown as such") {
  TableWorld world;
  world.add("acme");
  CHECK(says(world.route("auto"), "has no candidates yet"));
  CHECK(says(world.route("auto:cheap"), "has no candidates yet"));
  const std::string route = world.route("a\x1b[31m\nb");
  CHECK_FALSE(says(route, "\x1b"));
  CHECK_FALSE(says(route, "\n"));
}

TEST_CASE("any text at all is answered with a plan or words that can be printed") {
  CHECK(rc::check([](const std::string& name) {
    TableWorld world;
    world.add("acme");
    const std::string route = world.route(name);
    RC_ASSERT(!route.empty());
    if (!route.starts_with("! ")) return;
    for (const char c : route) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
  }));
}
