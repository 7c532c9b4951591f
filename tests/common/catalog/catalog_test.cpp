#include "common/catalog/catalog.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "common/core/text.h"
#include "common/json/json.h"
#include "tests/support/source_tree.h"

namespace routerone {
namespace {

constexpr std::size_t padding = 64;

const catalog::Catalog& shipped() {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  return catalog;
}

std::string file_text() {
  std::ostringstream text;
  text << std::ifstream(test::source_tree() / "common/catalog/catalog.json").rdbuf();
  return text.str();
}

/// Keeps its text: a catalog only has views into it.
struct Loaded {
  explicit Loaded(std::string json) : text(std::move(json)) {
    const std::size_t size = text.size();
    text.append(padding, ' ');
    if (auto loaded = catalog::Catalog::load({text.data(), size})) {
      catalog = std::make_unique<catalog::Catalog>(*std::move(loaded));
    }
  }
  std::string text;
  std::unique_ptr<catalog::Catalog> catalog;
};

std::string with_offer(const std::string& offer) {
  return R"({"generated":"2026-11-20","providers":[{"id":"host","name":"H","kind":"lab",)"
         R"("base_url":"https://h.test/v1","dialect":"openai-chat","auth":"bearer"}],)"
         R"("models":[{"id":"lab/m","name":"M \"two\"","lab":"lab","kind":"chat","released":null,)"
         R"("context":null,"max_output":8,"aliases":["em"],"offers":[)" +
         offer + "]}]}";
}

TEST_CASE("the catalog built in has the labs and hosts that people use") {
  for (const char* id :
       {"openai", "anthropic", "google", "openrouter", "deepseek", "mistral", "groq", "xai",
        "togetherai", "fireworks-ai", "ollama", "llama.cpp", "vllm"}) {
    CAPTURE(id);
    const catalog::Provider* provider = shipped().provider(id);
    REQUIRE(provider != nullptr);
    CHECK(provider->id == id);
    CHECK_FALSE(provider->endpoints.empty());
    CHECK_FALSE(provider->auth.empty());
  }
  CHECK(shipped().provider("nobody") == nullptr);
  CHECK(parse_rfc3339(std::string(shipped().generated()) + "T00:00:00Z").has_value());
}

TEST_CASE("no two providers, and no two names of models, are the same") {
  std::set<std::string_view> providers, names;
  for (const auto& provider : shipped().providers()) {
    CHECK_MESSAGE(providers.insert(provider.id).second, provider.id);
  }
  for (const auto& model : shipped().models())
    CHECK_MESSAGE(names.insert(model.id).second, model.id);
  for (const auto& model : shipped().models()) {
    for (const auto alias : model.aliases) CHECK_MESSAGE(names.insert(alias).second, alias);
  }
}

TEST_CASE("every model is served by a provider of the catalog under a name of its own") {
  std::set<std::pair<std::string_view, std::string_view>> offered;
  for (const auto& model : shipped().models()) {
    CAPTURE(model.id);
    CHECK(model.id == lower(model.id));
    CHECK(model.id.find('/') != std::string_view::npos);
    CHECK_FALSE(model.offers.empty());
    for (const auto& offer : model.offers) {
      CHECK_MESSAGE(shipped().provider(offer.provider) != nullptr, offer.provider);
      CHECK_FALSE(offer.upstream_id.empty());
      CHECK_MESSAGE(offered.insert({offer.provider, offer.upstream_id}).second, offer.upstream_id);
    }
  }
}

TEST_CASE("models stand in order and are found by id, alias and slug") {
  const auto models = shipped().models();
  CHECK(std::is_sorted(models.begin(), models.end(),
                       [](const auto& a, const auto& b) { return a.id < b.id; }));
  for (const auto& model : models) {
    CHECK(shipped().model(model.id) == &model);
    for (const auto alias : model.aliases) CHECK(shipped().model(alias) == &model);
    const auto same = shipped().by_slug(model.id.substr(model.id.find('/') + 1));
    CHECK(std::find(same.begin(), same.end(), &model) != same.end());
  }
  CHECK(shipped().model("anthropic/claude-sonnet-4.5") == shipped().model("claude-sonnet-4-5"));
  CHECK(shipped().model("anthropic/claude-sonnet-4.5") != nullptr);
  CHECK(shipped().model("") == nullptr);
  CHECK(shipped().by_slug("no-such-model").empty());
}

/// SCHEMA: every posted price is a whole number of picodollars a token.
void check_rate(const std::optional<std::int64_t>& rate, const Json& posted, const char* name) {
  CAPTURE(name);
  REQUIRE(rate.has_value() == posted.contains(name));
  if (rate) CHECK(*rate == std::llround(posted[name].get<double>() * 1e6));
}

TEST_CASE("every price is what the file says, to the picodollar, or is not known") {
  const auto json = parse_json(file_text());
  REQUIRE(json);
  std::size_t priced = 0, unknown = 0;
  for (const Json& entry : (*json)["models"]) {
    const catalog::Model* model = shipped().model(entry["id"].get<std::string>());
    REQUIRE(model != nullptr);
    REQUIRE(model->offers.size() == entry["offers"].size());
    for (std::size_t i = 0; i < model->offers.size(); ++i) {
      const Json& offer = entry["offers"][i];
      CAPTURE(offer["upstream_id"].get<std::string>());
      CHECK(model->offers[i].upstream_id == offer["upstream_id"].get<std::string>());
      const catalog::Price* price = shipped().price_of(model->offers[i]);
      const std::string zero = offer.value("zero_price", "");
      if (offer["price"].is_null() || zero == "unverified" || zero == "subscription") {
        CHECK(price == nullptr);
        ++unknown;
        continue;
      }
      REQUIRE(price != nullptr);
      check_rate(price->table.input, offer["price"], "input");
      check_rate(price->table.output, offer["price"], "output");
      check_rate(price->table.cache_read, offer["price"], "cache_read");
      check_rate(price->table.cache_write, offer["price"], "cache_write");
      check_rate(price->table.cache_write_1h, offer["price"], "cache_write_1h");
      CHECK(price->tiers.size() == (offer.contains("tiers") ? offer["tiers"].size() : 0));
      CHECK(price->scheduled.size() ==
            (offer.contains("scheduled") ? offer["scheduled"].size() : 0));
      CHECK(price->off_peak.has_value() == offer.contains("off_peak"));
      CHECK(price->peak.has_value() == offer.contains("off_peak"));
      ++priced;
    }
  }
  CHECK(priced > 100);
  CHECK(unknown > 0);
}

TEST_CASE("a price is made once and stays where it is") {
  const catalog::Model* model = shipped().model("anthropic/claude-sonnet-4.5");
  REQUIRE(model != nullptr);
  const catalog::Price* price = shipped().price_of(model->offers.front());
  REQUIRE(price != nullptr);
  CHECK(shipped().price_of(model->offers.front()) == price);
  CHECK(price->table.input == 3'000'000);
  REQUIRE(price->tiers.size() == 1);
  CHECK(price->tiers.front().min_input_tokens == 200'001);
}

TEST_CASE("what is not known is not zero") {
  const Loaded loaded(with_offer(R"({"provider":"host","upstream_id":"m","price":null})"));
  REQUIRE(loaded.catalog);
  const catalog::Model& model = loaded.catalog->models().front();
  CHECK(loaded.catalog->price_of(model.offers.front()) == nullptr);
  CHECK(model.released == 0);
  CHECK_FALSE(model.context);
  CHECK(model.max_output == 8);
  CHECK(model.name == "M \"two\"");
}

TEST_CASE("a zero counts as a price only where somebody vouches for it") {
  for (const char* why : {"subscription", "unverified", "free_variant", "local"}) {
    CAPTURE(why);
    const Loaded loaded(
        with_offer(R"({"provider":"host","upstream_id":"m","price":{"input":0,"output":0},)"
                   R"("zero_price":")" +
                   std::string(why) + "\"}"));
    REQUIRE(loaded.catalog);
    const auto& offer = loaded.catalog->models().front().offers.front();
    const bool free = std::string_view(why) == "free_variant" || std::string_view(why) == "local";
    CHECK((loaded.catalog->price_of(offer) != nullptr) == free);
  }
}

TEST_CASE("a catalog cut anywhere is refused or read, and never more than that") {
  const std::string good =
      with_offer(R"({"provider":"host","upstream_id":"m","price":{"input":"1","output":2}})");
  CHECK(Loaded(good).catalog);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Loaded loaded(good.substr(0, size));
    CAPTURE(size);
    CHECK_FALSE(loaded.catalog);
  }
  CHECK_FALSE(Loaded("[]").catalog);
  CHECK_FALSE(Loaded("{}").catalog);
}

}  // namespace
}  // namespace routerone
