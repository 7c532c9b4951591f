#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/model_names.h"
#include "daemon/control/nouns.h"
#include "daemon/control/price_view.h"
#include "daemon/control/quality.h"
#include "daemon/control/words.h"

namespace routerone::control {
namespace {

Json released_view(std::int64_t seconds) {
  if (seconds == 0) return nullptr;
  return format_rfc3339(WallTime(std::chrono::seconds(seconds))).substr(0, 10);
}

Json or_null(const std::optional<std::int64_t>& count) {
  return count ? Json(*count) : Json(nullptr);
}

bool contains(std::string_view text, const std::string& wanted) {
  return lower(text).find(wanted) != std::string::npos;
}

bool has(const std::vector<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

Json usable_row(const routing::ModelTable::Listed& listed, const ControlData& data, Desk desk) {
  std::string id = listed.id;
  Json alias_of = nullptr;
  for (const AliasRecord& alias : data.aliases) {
    if (alias.name == listed.id) alias_of = id = alias.model;
  }
  const catalog::Model* model = desk.state.catalog().model(id);
  Priced priced = price_of(id, listed.providers, data, desk);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = listed.id;
  out["name"] = listed.name;
  out["lab"] = listed.lab;
  out["alias_of"] = std::move(alias_of);
  out["released"] = released_view(listed.released);
  out["context"] = model ? or_null(model->context) : Json(nullptr);
  out["max_output"] = model ? or_null(model->max_output) : Json(nullptr);
  out["providers"] = listed.providers;
  out["price"] = std::move(priced.price);
  out["price_source"] = priced.source;
  return out;
}

Json catalog_row(const catalog::Model& model, const ControlData& data, Desk desk) {
  std::vector<std::string> providers;
  for (const catalog::Offer& offer : model.offers)
    if (!has(providers, offer.provider)) providers.emplace_back(offer.provider);
  const std::string id(model.id);
  return usable_row(
      {id, std::string(model.name), std::string(model.lab), model.released, std::move(providers)},
      data, desk);
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const auto wish, read<ModelListWish>(body));
  const std::string wanted = lower(wish.search);
  const auto snapshot = desk.state.snapshot();
  Json out = Json::array();
  if (wish.all) {
    for (const catalog::Model& model : desk.state.catalog().models())
      if (contains(model.id, wanted) || contains(model.name, wanted))
        out.push_back(catalog_row(model, snapshot->data, desk));
    return out;
  }
  for (const auto& listed : snapshot->models.list(nullptr))
    if (contains(listed.id, wanted) || contains(listed.name, wanted))
      out.push_back(usable_row(listed, snapshot->data, desk));
  return out;
}

Json offers_view(const catalog::Model& model, const ControlData& data, Desk desk) {
  Json out = Json::array();
  for (const catalog::Offer& offer : model.offers) {
    const auto added =
        std::find_if(data.providers.begin(), data.providers.end(),
                     [&](const ProviderRecord& record) { return record.id == offer.provider; });
    Json row = Json::object();
    row["provider"] = offer.provider;
    row["upstream_model"] = offer.upstream_id;
    row["added"] = added != data.providers.end();
    row["enabled"] = added != data.providers.end() && added->enabled;
    row["price"] = price_view(desk.state.catalog().price_of(offer));
    out.push_back(std::move(row));
  }
  return out;
}

/// A model that no catalog knows: what its own name says.
Json plain_offers(const std::string& id, const ControlData& data, Desk desk) {
  const std::string provider = provider_of(id, data, desk);
  const auto record = std::find_if(data.providers.begin(), data.providers.end(),
                                   [&](const ProviderRecord& one) { return one.id == provider; });
  Json row = Json::object();
  row["provider"] = provider;
  row["upstream_model"] = id.substr(std::min(id.size(), provider.size() + 1));
  row["added"] = true;
  row["enabled"] = record == data.providers.end() || record->enabled;
  row["price"] = price_of(id, {}, data, desk).price;
  return Json::array({std::move(row)});
}

Json aliases_of(const std::string& id, const catalog::Model* model, const ControlData& data) {
  Json out = Json::array();
  if (model)
    for (const std::string_view alias : model->aliases) out.push_back(alias);
  for (const AliasRecord& alias : data.aliases)
    if (alias.model == id) out.push_back(alias.name);
  return out;
}

Result<Json> show(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  const auto snapshot = desk.state.snapshot();
  const ControlData& data = snapshot->data;
  TRY(const std::string id, canonical_model(name, data, desk));
  const catalog::Model* model = desk.state.catalog().model(id);
  Priced priced = price_of(id, {}, data, desk);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = id;
  out["asked_for"] = name;
  out["name"] = model ? model->name : std::string_view(id);
  out["lab"] = model ? Json(model->lab) : Json(nullptr);
  out["kind"] = model ? Json(model->kind) : Json(nullptr);
  out["released"] = released_view(model ? model->released : 0);
  out["context"] = model ? or_null(model->context) : Json(nullptr);
  out["max_output"] = model ? or_null(model->max_output) : Json(nullptr);
  out["aliases"] = aliases_of(id, model, data);
  out["price"] = std::move(priced.price);
  out["price_source"] = priced.source;
  add_quality(out, id, data);
  out["offers"] = model ? offers_view(*model, data, desk) : plain_offers(id, data, desk);
  out["fallback"] = Json::array();
  for (const FallbackRecord& record : data.fallbacks)
    if (record.model == id) out["fallback"] = record.chain;
  return out;
}

Status check_alias(const std::string& name, const ControlData& data) {
  const bool sound = !name.empty() && name.size() <= 128 && printable(name) == name &&
                     name.find_first_of(" ,\"'") == name.npos;
  if (!sound || name == "auto" || name.starts_with("auto:"))
    return fail(ErrorKind::invalid, fmt::format("\"{}\" cannot be an alias", printable(name, 64)),
                "use up to 128 characters without spaces, commas or quotes");
  for (const AliasRecord& alias : data.aliases)
    if (alias.model == name)
      return fail(ErrorKind::conflict,
                  fmt::format("the alias \"{}\" stands for {}", alias.name, name),
                  fmt::format("routerone models alias {} --remove", alias.name));
  return {};
}

Status set_alias(std::vector<AliasRecord>& aliases, const std::string& name, std::string model) {
  const auto old = std::find_if(aliases.begin(), aliases.end(),
                                [&](const AliasRecord& alias) { return alias.name == name; });
  if (old != aliases.end())
    old->model = std::move(model);
  else
    aliases.push_back({name, std::move(model)});
  return {};
}

Result<Json> alias(Desk desk, const Json& body) {
  TRY(const auto wish, read<AliasWish>(body));
  Json out = Json::object();
  out["schema"] = schema_version;
  out["alias"] = wish.name;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    auto& aliases = draft.data.aliases;
    if (wish.model.empty()) {
      out["model"] = nullptr;
      if (std::erase_if(aliases, [&](const AliasRecord& a) { return a.name == wish.name; }) > 0)
        return {};
      return fail(ErrorKind::not_found,
                  fmt::format("there is no alias \"{}\"", printable(wish.name)),
                  "routerone routes show");
    }
    TRY_STATUS(check_alias(wish.name, draft.data));
    // An alias is given a new meaning by what the other names mean, not by itself.
    ControlData others = draft.data;
    std::erase_if(others.aliases, [&](const AliasRecord& a) { return a.name == wish.name; });
    TRY(std::string model, routed_model(wish.model, others, desk));
    out["model"] = model;
    return set_alias(aliases, wish.name, std::move(model));
  }));
  return out;
}

/// A price is kept as text; what it was written as is what it is read from again.
Result<Json> price(Desk desk, const Json& body) {
  TRY(const auto wish, read<PriceWish>(body));
  Json out = Json::object();
  out["schema"] = schema_version;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    TRY(const std::string id, canonical_model(wish.model, draft.data, desk));
    out["model"] = id;
    auto& prices = draft.data.prices;
    const auto removed =
        std::erase_if(prices, [&](const PriceRecord& record) { return record.model == id; });
    if (!wish.price_json.empty()) {
      TRY(const auto parsed, catalog::parse_price(wish.price_json));
      prices.push_back({id, wish.price_json});
    } else if (removed == 0) {
      return fail(ErrorKind::not_found, fmt::format("{} has no price of your own", id));
    }
    Priced now = price_of(id, {}, draft.data, desk);
    out["price"] = std::move(now.price);
    out["price_source"] = now.source;
    return {};
  }));
  return out;
}

}  // namespace

void add_models(Router& router, Desk desk) {
  router.on(path::model_list, [desk](const Json& body) { return list(desk, body); });
  router.on(path::model_show, [desk](const Json& body) { return show(desk, body); });
  router.on(path::model_alias, [desk](const Json& body) { return alias(desk, body); });
  router.on(path::model_quality, [desk](const Json& body) { return set_quality(desk, body); });
  router.on(path::model_price, [desk](const Json& body) { return price(desk, body); });
}

}  // namespace routerone::control
