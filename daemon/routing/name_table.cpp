#include "daemon/routing/name_table.h"

#include <algorithm>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/endpoint.h"

namespace routerone::routing {

std::span<const Endpoint> Usable::all_speaking(std::string_view dialect) const {
  const auto speaks = [dialect](const Endpoint& endpoint) { return endpoint.dialect == dialect; };
  const auto first = std::find_if(endpoints.begin(), endpoints.end(), speaks);
  return {first, std::find_if_not(first, endpoints.end(), speaks)};
}

const Endpoint* Usable::speaking(std::string_view dialect) const {
  const auto all = all_speaking(dialect);
  return all.empty() ? nullptr : &all.front();
}

namespace {

std::shared_ptr<const Secret> secret_of(const Credentials& credentials, const std::string& name) {
  const auto found = credentials.find(name);
  return found == credentials.end() ? nullptr : found->second;
}

/// Names of a provider's credentials that can be read, the first's (which is empty) first.
std::vector<std::string> accounts_of(const ProviderRecord& record, const Credentials& credentials) {
  std::vector<std::string> accounts;
  if (credentials.contains(record.id)) accounts.emplace_back();
  for (const CredentialRecord& more : record.more_keys) {
    if (credentials.contains(credential_name(record.id, more.name))) accounts.push_back(more.name);
  }
  // One without any is asked all the same: it may want none, and if it does its refusal says so.
  if (accounts.empty()) accounts.emplace_back();
  return accounts;
}

}  // namespace

NameTable::NameTable(const ControlData& data, const catalog::Catalog& shipped,
                     const Credentials& credentials, const std::vector<BuiltIn>& built_in)
    : catalog_(shipped) {
  add_own_prices(data);
  for (const ProviderRecord& record : data.providers) add_provider(record, credentials);
  add_catalog_models();
  for (const BuiltIn& provider : built_in) add_built_in(provider);
  add_names(data);
}

void NameTable::add_provider(const ProviderRecord& record, const Credentials& credentials) {
  if (!record.enabled) return;
  const ProviderRecord& kept = records_.emplace_back(record);
  Usable& usable = providers_[kept.id];
  usable.record = &kept;
  usable.known = catalog_.provider(kept.id);
  for (const EndpointRecord& endpoint : kept.endpoints) {
    if (usable.speaking(endpoint.dialect) != nullptr) continue;
    for (const std::string& account : accounts_of(kept, credentials)) {
      // One that cannot be used was pointed out when it was added; here it is just not there.
      auto made =
          make_endpoint(kept, endpoint, secret_of(credentials, credential_name(kept.id, account)),
                        secret_of(credentials, proxy_login_name(kept.id)));
      if (!made) continue;
      made->account = account;
      usable.endpoints.push_back(*std::move(made));
    }
  }
}

void NameTable::add_own_prices(const ControlData& data) {
  for (const PriceRecord& record : data.prices) {
    if (auto price = catalog::parse_price(record.price_json)) {
      own_prices_.emplace(record.model, *std::move(price));
    }
  }
}

std::pair<const catalog::Price*, PriceSource> NameTable::price_for(
    std::string_view model, const catalog::Price* posted) const {
  const auto own = own_prices_.find(model);
  if (own != own_prices_.end()) return {&own->second, PriceSource::own};
  return {posted, posted == nullptr ? PriceSource::unknown : PriceSource::catalog};
}

namespace {

DataStanding standing_of(const catalog::Provider* known) {
  if (known == nullptr) return {};
  return {known->kind == "local", known->data, known->hq, {}};
}

/// What traces and health call this way of serving `model`.
void put_names(Way& way, const std::string& model) {
  for (const Endpoint& endpoint : way.provider->endpoints) {
    way.names.push_back(
        name_target({endpoint.provider, endpoint.account, model, way.upstream_model}));
  }
}

}  // namespace

Way NameTable::way_of(const catalog::Model& model, const catalog::Offer& offer,
                      const Usable& provider) const {
  const auto [price, source] = price_for(model.id, catalog_.price_of(offer));
  Way way{&provider, std::string(offer.upstream_id), offer.dialect, price, source};
  way.context = offer.context ? offer.context : model.context;
  way.max_output = offer.max_output ? offer.max_output : model.max_output;
  way.data = standing_of(provider.known);
  way.data.region = offer.region;
  put_names(way, std::string(model.id));
  return way;
}

void NameTable::add_catalog_models() {
  for (const catalog::Model& model : catalog_.models()) {
    for (const catalog::Offer& offer : model.offers) {
      const auto provider = providers_.find(offer.provider);
      if (provider == providers_.end()) continue;
      Served& served = models_[std::string(model.id)];
      served.name = model.name;
      served.lab = model.lab;
      served.released = model.released;
      served.ways.push_back(way_of(model, offer, provider->second));
    }
  }
}

void NameTable::add_built_in(const BuiltIn& built_in) {
  add_provider(built_in.record, {{built_in.record.id, built_in.credential}});
  const auto provider = providers_.find(built_in.record.id);
  if (provider == providers_.end()) return;
  auto price = catalog::parse_price(built_in.price_json);
  for (const std::string& name : built_in.models) {
    const std::string id = built_in.record.id + "/" + name;
    // A price of the user's own comes first; else the posted one is kept where theirs are.
    const auto own = own_prices_.find(id);
    Way way{&provider->second, name, {}, nullptr, PriceSource::unknown};
    if (own != own_prices_.end()) {
      way.price = &own->second;
      way.price_source = PriceSource::own;
    } else if (price) {
      way.price = &own_prices_.emplace(id, *price).first->second;
      way.price_source = PriceSource::catalog;
    }
    put_names(way, id);
    models_[id] = {id, built_in.record.id, 0, {std::move(way)}};
  }
}

/// Every other name, in the order in which they count; an earlier one is never replaced.
void NameTable::add_names(const ControlData& data) {
  for (const AliasRecord& alias : data.aliases) {
    names_.emplace(alias.name, alias.model);
    user_aliases_.push_back(alias.name);
  }
  std::map<std::string, int> slugs;
  for (const catalog::Model& model : catalog_.models()) {
    for (const std::string_view alias : model.aliases) {
      names_.emplace(std::string(alias), std::string(model.id));
    }
    ++slugs[std::string(model.id.substr(model.id.find('/') + 1))];
  }
  for (const catalog::Model& model : catalog_.models()) {
    const std::string slug(model.id.substr(model.id.find('/') + 1));
    if (slugs[slug] == 1) names_.emplace(slug, std::string(model.id));
  }
}

/// Follows the other names. A user's alias may lead to a catalog's alias; no further.
std::string NameTable::canonical(std::string_view name) const {
  std::string model(name);
  for (int step = 0; step < 2; ++step) {
    const auto known = names_.find(model);
    if (known == names_.end()) break;
    model = known->second;
  }
  return model;
}

const catalog::Model* NameTable::known(std::string_view name) const {
  return catalog_.model(canonical(name));
}

/// Without a pin: the user's alias, the catalog's id or alias, a provider's own id, a lone slug.
std::optional<Resolved> NameTable::resolve_plain(std::string_view name) const {
  const std::string model = canonical(name);
  const catalog::Model* const known = catalog_.model(model);
  const auto served = models_.find(model);
  if (served != models_.end()) return Resolved{model, &served->second, {}, {}, known};
  const std::size_t slash = model.find('/');
  if (slash == std::string::npos || slash + 1 == model.size()) return std::nullopt;
  const auto provider = providers_.find(model.substr(0, slash));
  if (provider == providers_.end()) return std::nullopt;
  const auto [price, source] = price_for(model, nullptr);
  Resolved resolved{model, nullptr, {}, {}, known};
  Way way{&provider->second, model.substr(slash + 1), {}, price, source};
  way.data = standing_of(provider->second.known);
  put_names(way, model);
  resolved.own.push_back(std::move(way));
  return resolved;
}

std::optional<Resolved> NameTable::resolve(std::string_view name) const {
  // An alias may lead to a pinned model; what it leads to is read like any name.
  const auto alias = names_.find(std::string(name));
  const std::string_view meant = alias == names_.end() ? name : std::string_view(alias->second);
  const std::size_t at = meant.rfind('@');
  const bool pins = at != std::string_view::npos && providers_.contains(meant.substr(at + 1));
  // A provider's own id may hold any byte, so PROVIDER/MODEL@OTHER could be read as one; a pin that
  // fits is what was meant, unless the whole is a name that somebody gave.
  const std::string whole(meant);
  if (!pins || names_.contains(whole) || models_.contains(whole)) return resolve_plain(name);
  auto pinned = resolve_plain(meant.substr(0, at));
  if (pinned) pinned->pinned = meant.substr(at + 1);
  return pinned;
}

}  // namespace routerone::routing
