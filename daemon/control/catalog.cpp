#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/platform/files.h"
#include "daemon/control/nouns.h"

namespace routerone::control {
namespace {

using Prices = std::map<std::pair<std::string_view, std::string_view>, std::string_view>;

Prices prices_of(const catalog::Model& model) {
  Prices prices;
  for (const catalog::Offer& offer : model.offers)
    prices[{offer.provider, offer.upstream_id}] = offer.price_json;
  return prices;
}

/// By its own id; an alias may have become a model.
const catalog::Model* model_of(const catalog::Catalog& catalog, std::string_view id) {
  const catalog::Model* model = catalog.model(id);
  return model && model->id == id ? model : nullptr;
}

/// Ids of `here` that `there` has not.
template <class Rows, class Find>
Json only_in(const Rows& here, Find&& find_there) {
  Json ids = Json::array();
  for (const auto& row : here)
    if (!find_there(row.id)) ids.push_back(row.id);
  return ids;
}

Json difference(const catalog::Catalog& before, const catalog::Catalog& after) {
  const auto in = [](const catalog::Catalog& catalog) {
    return [&catalog](std::string_view id) { return model_of(catalog, id) != nullptr; };
  };
  Json out = Json::object();
  out["schema"] = schema_version;
  out["generated_before"] = before.generated();
  out["generated"] = after.generated();
  out["models_added"] = only_in(after.models(), in(before));
  out["models_removed"] = only_in(before.models(), in(after));
  out["offers_changed"] = Json::array();
  for (const catalog::Model& model : after.models()) {
    const catalog::Model* old = model_of(before, model.id);
    if (old && prices_of(*old) != prices_of(model)) out["offers_changed"].push_back(model.id);
  }
  out["providers_added"] = only_in(
      after.providers(), [&](std::string_view id) { return before.provider(id) != nullptr; });
  out["providers_removed"] = only_in(
      before.providers(), [&](std::string_view id) { return after.provider(id) != nullptr; });
  return out;
}

Result<Json> update(Desk desk, const Json& body) {
  TRY(const auto wish, read<CatalogWish>(body));
  const catalog::Catalog& before = desk.state.catalog();
  std::optional<std::string> text;
  if (!wish.file.empty()) {
    TRY(text, read_file(wish.file, catalog::Catalog::max_update_bytes));
  }
  TRY_STATUS(desk.state.update_catalog(text));
  return difference(before, desk.state.catalog());
}

}  // namespace

void add_catalog(Router& router, Desk desk) {
  router.on(path::model_update, [desk](const Json& body) { return update(desk, body); });
}

}  // namespace routerone::control
