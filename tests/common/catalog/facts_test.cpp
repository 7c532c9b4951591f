#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "common/catalog/catalog.h"
#include "common/core/text.h"

namespace routerone {
namespace {

const catalog::Catalog& shipped() {
  static const catalog::Catalog catalog = catalog::Catalog::built_in();
  return catalog;
}

/// Can routerone speak to it today?
bool speakable(const catalog::Provider& provider, const catalog::Offer& offer) {
  const std::set<std::string_view> dialects = {"openai-chat", "openai-responses", "anthropic"};
  const std::set<std::string_view> auths = {"bearer", "x-api-key", "x-goog-api-key", "api-key",
                                            "none"};
  if (!auths.contains(provider.auth)) return false;
  if (!offer.dialect.empty()) return dialects.contains(offer.dialect);
  return std::any_of(provider.endpoints.begin(), provider.endpoints.end(),
                     [&](const auto& endpoint) { return dialects.contains(endpoint.dialect); });
}

TEST_CASE("the catalog reaches far: models with a price that can be used, and providers") {
  std::set<std::string_view> models, providers;
  for (const catalog::Model& model : shipped().models()) {
    for (const catalog::Offer& offer : model.offers) {
      if (!speakable(*shipped().provider(offer.provider), offer)) continue;
      providers.insert(offer.provider);
      if (shipped().price_of(offer) != nullptr) models.insert(model.id);
    }
  }
  CHECK(models.size() >= 500);
  CHECK(providers.size() >= 170);
}

TEST_CASE("every known price says which table it is from, and of what day") {
  for (const catalog::Model& model : shipped().models()) {
    for (const catalog::Offer& offer : model.offers) {
      if (shipped().price_of(offer) == nullptr) continue;
      CAPTURE(offer.provider);
      CAPTURE(offer.upstream_id);
      REQUIRE(offer.price_source != nullptr);
      CHECK(parse_rfc3339(std::string(offer.price_source->date) + "T00:00:00Z"));
    }
  }
}

TEST_CASE("steps of a price go up, and no number in the catalog is negative") {
  for (const catalog::Model& model : shipped().models()) {
    CAPTURE(model.id);
    CHECK(model.context.value_or(0) >= 0);
    CHECK(model.max_output.value_or(0) >= 0);
    for (const catalog::Offer& offer : model.offers) {
      const catalog::Price* price = shipped().price_of(offer);
      if (price == nullptr) continue;
      std::int64_t before = 0;
      for (const auto& step : price->tiers) {
        CHECK(step.min_input_tokens > before);
        before = step.min_input_tokens;
      }
    }
  }
}

TEST_CASE("providers say where they are and what they do with data, or that it is not known") {
  const catalog::Provider* fireworks = shipped().provider("fireworks-ai");
  REQUIRE(fireworks != nullptr);
  CHECK(fireworks->hq == "US");
  CHECK(fireworks->data.zdr == "default");
  CHECK(fireworks->data.retention_days == 0);
  CHECK(fireworks->data.trains_on_data == false);
  CHECK(fireworks->data.as_of == "2026-11");
  const catalog::Provider* openai = shipped().provider("openai");
  CHECK(openai->data.retention_days == 30);
  CHECK(openai->has(catalog::Quirk::max_completion_tokens));
  CHECK_FALSE(openai->has(catalog::Quirk::states_cost));
  CHECK_FALSE(openai->has(catalog::Quirk::routes));
  CHECK(shipped().provider("openrouter")->has(catalog::Quirk::states_cost));
  CHECK(shipped().provider("openrouter")->has(catalog::Quirk::routes));
  const catalog::Provider* unknown = shipped().provider("302ai");
  CHECK_FALSE(unknown->data.trains_on_data);
  CHECK_FALSE(unknown->data.retention_days);
  CHECK(unknown->data.zdr.empty());
  for (const catalog::Provider& provider : shipped().providers()) {
    CAPTURE(provider.id);
    const bool policy = !provider.data.zdr.empty() || provider.data.retention_days;
    CHECK(policy == !provider.data.source.empty());
    CHECK((provider.hq.empty() || provider.hq.size() == 2));
  }
}

TEST_CASE("offers say where they run, and whether they are on their way out") {
  std::set<std::string_view> regions, states;
  for (const catalog::Model& model : shipped().models()) {
    for (const catalog::Offer& offer : model.offers) {
      regions.insert(offer.region);
      states.insert(offer.status);
    }
  }
  CHECK(regions.contains("eu"));
  CHECK(states.contains("deprecated"));
  const catalog::Model* sonnet = shipped().model("anthropic/claude-sonnet-4.5");
  CHECK(std::find(sonnet->traits.begin(), sonnet->traits.end(), catalog::Trait::tools) !=
        sonnet->traits.end());
}

}  // namespace
}  // namespace routerone
