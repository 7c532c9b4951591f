#include <doctest/doctest.h>

#include <string>

#include "daemon/routing/name_table.h"

using namespace routerone;
using routing::NameTable;

namespace {

/// One provider of two dialects with further credentials, of which only some could be read.
struct OneProvider {
  ControlData data;
  routing::Credentials credentials;

  OneProvider() {
    ProviderRecord& record = data.providers.emplace_back();
    record.id = "mybox";
    record.endpoints = {{"openai-chat", "https://mybox.test/v1"},
                        {"anthropic", "https://mybox.test/v1"}};
    record.more_keys = {{"second", "stdin", {}}, {"third", "stdin", {}}};
  }
  void read(const std::string& name) {
    credentials[name] = std::make_shared<const Secret>("key of " + name);
  }

  /// `account=credential` of each endpoint for the dialect, joined by blanks.
  std::string accounts(std::string_view dialect) const {
    static const catalog::Catalog catalog = catalog::Catalog::built_in();
    const NameTable names(data, catalog, credentials, {});
    const auto resolved = names.resolve("mybox/m");
    REQUIRE(resolved);
    const routing::Usable& provider = *resolved->ways().front().provider;
    std::string text;
    for (const Endpoint& endpoint : provider.all_speaking(dialect)) {
      CHECK(endpoint.dialect == dialect);
      if (!text.empty()) text += " ";
      text += endpoint.account + "=";
      if (endpoint.credential) text += endpoint.credential->reveal();
    }
    const Endpoint* const first = provider.speaking(dialect);
    if (first != nullptr) CHECK(first == provider.all_speaking(dialect).data());
    return text;
  }
};

}  // namespace

TEST_CASE("each credential of a provider is a way of its own into every dialect it speaks") {
  OneProvider world;
  for (const char* name : {"mybox", "mybox#second", "mybox#third"}) world.read(name);
  for (const char* dialect : {"openai-chat", "anthropic"}) {
    CAPTURE(dialect);
    CHECK(world.accounts(dialect) ==
          "=key of mybox second=key of mybox#second third=key of mybox#third");
  }
  CHECK(world.accounts("gemini").empty());
}

TEST_CASE("a provider whose first credential cannot be read is served by the others") {
  OneProvider world;
  world.read("mybox#third");
  CHECK(world.accounts("anthropic") == "third=key of mybox#third");
}

TEST_CASE("a provider without any credential is asked without one") {
  const OneProvider world;
  CHECK(world.accounts("openai-chat") == "=");
}

TEST_CASE("a credential that is no longer on record is not used, whatever its file says") {
  OneProvider world;
  world.read("mybox");
  world.read("mybox#forgotten");
  CHECK(world.accounts("openai-chat") == "=key of mybox");
}

TEST_CASE("a dialect that is said twice is spoken at its first base URL that can be used") {
  OneProvider world;
  world.read("mybox");
  auto& endpoints = world.data.providers.front().endpoints;
  endpoints = {{"openai-chat", "nonsense"},
               {"openai-chat", "https://one.test/v1"},
               {"openai-chat", "https://two.test/v1"}};
  CHECK(world.accounts("openai-chat") == "=key of mybox");
}
