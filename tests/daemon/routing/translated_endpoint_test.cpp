#include <doctest/doctest.h>

#include <array>

#include "common/catalog/catalog.h"
#include "tests/daemon/routing/table_fixture.h"

using namespace routerone;

TEST_CASE("what has to be translated goes to the first of the provider's endpoints that it can") {
  test::TableWorld world;
  world.add("acme").endpoints = {{"openai-responses", "https://acme.test/v1"},
                                 {"openai-chat", "https://acme.test/v1"}};
  const auto table = world.table();
  constexpr std::array<std::string_view, 2> others = {"openai-chat", "openai-responses"};
  const auto dialect_for = [&](std::string_view caller) {
    const auto plan =
        table->plan({.model = "acme/one", .dialect = caller, .dice = 1, .others = others});
    return plan ? plan->targets.front().endpoint->dialect : plan.error().message;
  };
  CHECK(dialect_for("anthropic") == "openai-responses");
  CHECK(dialect_for("gemini") == "openai-responses");
  CHECK(dialect_for("openai-chat") == "openai-chat");
}

TEST_CASE("OpenAI's first endpoint is the one whose thinking models take tools") {
  const catalog::Catalog shipped = catalog::Catalog::built_in();
  const catalog::Provider* const openai = shipped.provider("openai");
  REQUIRE(openai != nullptr);
  REQUIRE_FALSE(openai->endpoints.empty());
  CHECK(openai->endpoints.front().dialect == "openai-responses");
}
