#include "common/catalog/layers.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace routerone::catalog {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

Pair pair_of(const Offer& offer) { return {offer.provider, offer.upstream_id}; }

void put_providers(std::vector<Provider>& below, std::vector<Provider>& above) {
  for (Provider& row : above) {
    const auto there = std::find_if(below.begin(), below.end(),
                                    [&](const Provider& one) { return one.id == row.id; });
    if (there != below.end()) {
      *there = std::move(row);
    } else {
      below.push_back(std::move(row));
    }
  }
}

/// The update's model, with the offers of those providers that it does not speak of.
Model merged(Model above, std::vector<Offer> below) {
  std::set<std::string_view> named;
  for (const Offer& offer : above.offers) named.insert(offer.provider);
  std::erase_if(below, [&](const Offer& offer) { return named.contains(offer.provider); });
  std::move(below.begin(), below.end(), std::back_inserter(above.offers));
  return above;
}

void put_models(std::vector<Model>& below, std::vector<Model>& above) {
  std::set<Pair> moved;
  std::set<std::string_view> names;
  for (const Model& model : above) {
    for (const Offer& offer : model.offers) moved.insert(pair_of(offer));
    names.insert(model.id);
    names.insert(model.aliases.begin(), model.aliases.end());
  }
  for (Model& model : below) {
    std::erase_if(model.offers, [&](const Offer& o) { return moved.contains(pair_of(o)); });
    std::erase_if(model.aliases, [&](std::string_view alias) { return names.contains(alias); });
  }
  const auto by_id = [](const Model& a, const Model& b) { return a.id < b.id; };
  std::vector<Model> added;
  for (Model& model : above) {
    const auto there = std::lower_bound(below.begin(), below.end(), model, by_id);
    if (there != below.end() && there->id == model.id) {
      *there = merged(std::move(model), std::move(there->offers));
    } else {
      added.push_back(std::move(model));
    }
  }
  std::move(added.begin(), added.end(), std::back_inserter(below));
  std::erase_if(below, [](const Model& model) { return model.offers.empty(); });
  std::sort(below.begin(), below.end(), by_id);
}

}  // namespace

void put_over(Rows& below, Rows above) {
  for (const Provider& provider : above.providers) below.peaks.erase(provider.id);
  below.peaks.merge(above.peaks);
  put_providers(below.providers, above.providers);
  put_models(below.models, above.models);
  below.sources.splice(below.sources.end(), above.sources);
  below.unescaped.splice(below.unescaped.end(), above.unescaped);
  below.generated = above.generated;
}

}  // namespace routerone::catalog
