#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "common/catalog/catalog.h"
#include "common/json/json.h"
#include "tests/support/source_tree.h"

namespace routerone {
namespace {

using catalog::Catalog;

Json host(const std::string& id = "host") {
  return {{"id", id},
          {"name", "A host"},
          {"kind", "inference"},
          {"base_url", "https://host.test/v1"},
          {"dialect", "openai-chat"},
          {"auth", "bearer"}};
}

Json offer(const std::string& provider, const std::string& upstream, double input) {
  return {{"provider", provider},
          {"upstream_id", upstream},
          {"price", {{"input", input}, {"output", 2 * input}}},
          {"price_source", "mine"}};
}

Json model(const std::string& id, const Json& offers) {
  return {{"id", id}, {"name", "M"}, {"lab", "lab"}, {"kind", "chat"}, {"offers", offers}};
}

Json update(const Json& providers, const Json& models) {
  return {{"schema_version", 1},
          {"generated", "2026-12-24"},
          {"sources", Json::array({{{"id", "mine"}, {"name", "my list"}, {"date", "2026-12-23"}}})},
          {"providers", providers},
          {"models", models}};
}

Json one_new_model() {
  return update(Json::array({host()}),
                Json::array({model("lab/m", Json::array({offer("host", "m", 1)}))}));
}

std::string error_of(const Json& json) {
  const auto made = Catalog::built_in_with(json.dump());
  return made ? "" : made.error().message;
}

const catalog::Offer* find_offer(const Catalog& catalog, std::string_view id,
                                 std::string_view provider) {
  const catalog::Model* found = catalog.model(id);
  if (found == nullptr) return nullptr;
  for (const catalog::Offer& one : found->offers) {
    if (one.provider == provider) return &one;
  }
  return nullptr;
}

TEST_CASE("an update adds what is new and leaves everything else") {
  const Catalog shipped = Catalog::built_in();
  const auto made = Catalog::built_in_with(one_new_model().dump());
  REQUIRE(made);
  CHECK(made->generated() == "2026-12-24");
  CHECK(made->providers().size() == shipped.providers().size() + 1);
  CHECK(made->models().size() == shipped.models().size() + 1);
  const catalog::Offer* added = find_offer(*made, "lab/m", "host");
  REQUIRE(added != nullptr);
  CHECK(made->price_of(*added)->table.output == 2'000'000);
  CHECK(find_offer(*made, "openai/gpt-4o", "openai") != nullptr);
}

TEST_CASE("an update's offer replaces that provider's, and no other's") {
  const auto made = Catalog::built_in_with(
      update(Json::array(),
             Json::array({model("openai/gpt-4o", Json::array({offer("openai", "gpt-4o", 7)}))}))
          .dump());
  REQUIRE(made);
  CHECK(made->price_of(*find_offer(*made, "openai/gpt-4o", "openai"))->table.input == 7'000'000);
  CHECK(made->price_of(*find_offer(*made, "openai/gpt-4o", "openrouter"))->table.input ==
        2'500'000);
}

TEST_CASE("an id that means another model now means only that") {
  const auto made = Catalog::built_in_with(
      update(Json::array(),
             Json::array({model("lab/new", Json::array({offer("openai", "gpt-4o", 7)}))}))
          .dump());
  REQUIRE(made);
  CHECK(find_offer(*made, "openai/gpt-4o", "openai") == nullptr);
  CHECK(find_offer(*made, "lab/new", "openai") != nullptr);
}

TEST_CASE("a price tells its own table's day, whichever layer it is from") {
  const auto made = Catalog::built_in_with(one_new_model().dump());
  REQUIRE(made);
  const catalog::Source* mine = find_offer(*made, "lab/m", "host")->price_source;
  REQUIRE(mine != nullptr);
  CHECK(mine->name == "my list");
  CHECK(mine->date == "2026-12-23");
  const catalog::Source* theirs = find_offer(*made, "openai/gpt-4o", "openai")->price_source;
  REQUIRE(theirs != nullptr);
  CHECK(theirs->id == "pi-ai");
  CHECK(theirs->date == "2026-11-10");
}

TEST_CASE("the shipped file is an update of itself that changes nothing") {
  std::ostringstream text;
  text << std::ifstream(test::source_tree() / "common/catalog/catalog.json").rdbuf();
  const auto made = Catalog::built_in_with(text.str());
  REQUIRE_MESSAGE(made, made.error().message);
  const Catalog shipped = Catalog::built_in();
  REQUIRE(made->models().size() == shipped.models().size());
  for (std::size_t i = 0; i < shipped.models().size(); ++i) {
    CHECK(made->models()[i].id == shipped.models()[i].id);
    CHECK(made->models()[i].offers.size() == shipped.models()[i].offers.size());
  }
}

/// A copy of the good update with one thing wrong in it.
Json with(const char* pointer, const Json& value) {
  Json json = one_new_model();
  json[Json::json_pointer(pointer)] = value;
  return json;
}

TEST_CASE("an update with anything wrong is refused as a whole, and says what and where") {
  struct Wrong {
    const char* pointer;
    Json value;
    const char* says;
  };
  const std::vector<Wrong> wrongs = {
      {"/schema_version", 2, "schema_version"},
      {"/generated", "soon", "generated"},
      {"/providers", "none", "providers"},
      {"/providers/0/id", "Not An Id", "providers 1"},
      {"/providers/0/dialect", "smoke", "dialect 'smoke'"},
      {"/providers/0/auth", "trust", "auth 'trust'"},
      {"/providers/0/base_url", "ftp://host.test", "base_url"},
      {"/providers/0/headers", {{"x-a", "b\r\nHost: evil"}}, "header"},
      {"/providers/1", host(), "twice"},
      {"/providers/0/peak", {{"days", {"mon"}}, {"utc", {{"09:00", "08:00"}}}}, "peak"},
      {"/models/0/id", "no-lab", "lab/name"},
      {"/models/0/id", "Lab/M", "lower case"},
      {"/models/0/name", "two\nlines", "name"},
      {"/models/0/context", -5, "context"},
      {"/models/0/aliases", {""}, "alias"},
      {"/models/0/aliases", {"lab/m"}, "twice"},
      {"/models/0/offers", nullptr, "offers"},
      {"/models/0/offers/0/provider", "nobody", "offer 1"},
      {"/models/0/offers/0/upstream_id", "", "upstream_id"},
      {"/models/0/offers/0/price/input", -1, "negative"},
      {"/models/0/offers/0/price/input", "0.0000001", "6 decimals"},
      {"/models/0/offers/0/price/output", nullptr, "output"},
      {"/models/0/offers/1", offer("host", "m", 2), "twice"},
  };
  REQUIRE(error_of(one_new_model()).empty());
  for (const Wrong& wrong : wrongs) {
    CAPTURE(wrong.pointer);
    const std::string error = error_of(with(wrong.pointer, wrong.value));
    CAPTURE(error);
    CHECK(error.find(wrong.says) != std::string::npos);
  }
  CHECK_FALSE(Catalog::built_in_with("[]"));
  CHECK_FALSE(Catalog::built_in_with(""));
  CHECK_FALSE(Catalog::built_in_with(std::string(Catalog::max_update_bytes + 1, ' ')));
}

TEST_CASE("an update cut anywhere is refused") {
  const std::string good = one_new_model().dump();
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(Catalog::built_in_with(good.substr(0, size)));
  }
}

}  // namespace
}  // namespace routerone
