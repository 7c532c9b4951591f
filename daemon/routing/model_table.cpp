#include "daemon/routing/model_table.h"

#include <algorithm>
#include <deque>
#include <set>
#include <unordered_map>

#include "common/core/text.h"
#include "daemon/routing/endpoint.h"

namespace routerone::routing {
namespace {

constexpr std::size_t nearest_shown = 3;

/// One provider that may be used, with an endpoint for each dialect it speaks.
struct Usable {
  const ProviderRecord* record = nullptr;
  std::deque<Endpoint> endpoints;  // a target points into it

  const Endpoint* speaking(std::string_view dialect) const {
    for (const Endpoint& endpoint : endpoints) {
      if (endpoint.dialect == dialect) return &endpoint;
    }
    return nullptr;
  }
};

/// One provider's way to serve a model, whatever the dialect.
struct Way {
  const Usable* provider = nullptr;
  std::string upstream_model;
  std::string_view only_dialect;  ///< Not empty: this offer differs from its provider's.
  const catalog::Price* price = nullptr;
  PriceSource price_source = PriceSource::unknown;
};

struct Served {
  std::string name, lab;
  std::int64_t released = 0;
  std::vector<Way> ways;
};

bool allowed(const KeyRecord* key, std::string_view model, std::string_view provider) {
  if (key == nullptr) return true;
  const auto matches = [](const std::vector<std::string>& globs, std::string_view text) {
    return globs.empty() || std::any_of(globs.begin(), globs.end(), [text](const auto& glob) {
             return glob_match(glob, text);
           });
  };
  return matches(key->models, model) && matches(key->providers, provider);
}

Refusal unknown_model(std::string message) {
  return {RefusalKind::unknown_model, std::move(message), "model", {}};
}

/// What a name leads to: a canonical model, or one provider's own.
struct Resolved {
  std::string model;
  const Served* served = nullptr;
  std::vector<Way> own;  ///< For PROVIDER/UPSTREAM_ID.
  std::string pinned;    ///< Only this provider; empty: any.

  const std::vector<Way>& ways() const { return served != nullptr ? served->ways : own; }
};

}  // namespace

struct ModelTable::Impl {
  std::deque<ProviderRecord> records;
  std::map<std::string, Usable, std::less<>> providers;
  std::map<std::string, Served, std::less<>> models;   // canonical
  std::unordered_map<std::string, std::string> names;  // aliases of users and catalog, slugs
  std::map<std::string, std::vector<std::string>, std::less<>> fallbacks;
  std::map<std::string, catalog::Price, std::less<>> own_prices;
  std::vector<std::string> user_aliases;
  const catalog::Catalog& catalog;

  explicit Impl(const catalog::Catalog& shipped) : catalog(shipped) {}

  void add_provider(const ProviderRecord&, const std::shared_ptr<const Secret>&);
  void add_catalog_models();
  void add_built_in(const BuiltIn&);
  void add_names(const ControlData&);
  void add_own_prices(const ControlData&);
  std::pair<const catalog::Price*, PriceSource> price_for(std::string_view model,
                                                          const catalog::Price* posted) const;
  std::optional<Resolved> resolve(std::string_view name) const;
  std::optional<Resolved> resolve_plain(std::string_view name) const;
  Refusal explain_missing(std::string_view name, const KeyRecord* key) const;
  void add_targets(const Resolved&, const Wish&, bool fallback, std::vector<Target>& out) const;
};

void ModelTable::Impl::add_provider(const ProviderRecord& record,
                                    const std::shared_ptr<const Secret>& credential) {
  if (!record.enabled) return;
  const ProviderRecord& kept = records.emplace_back(record);
  Usable& usable = providers[kept.id];
  usable.record = &kept;
  for (const EndpointRecord& endpoint : kept.endpoints) {
    // One that cannot be used was pointed out when it was added; here it is just not there.
    if (auto made = make_endpoint(kept, endpoint, credential)) {
      usable.endpoints.push_back(*std::move(made));
    }
  }
}

void ModelTable::Impl::add_own_prices(const ControlData& data) {
  for (const PriceRecord& record : data.prices) {
    if (auto price = catalog::parse_price(record.price_json)) {
      own_prices.emplace(record.model, *std::move(price));
    }
  }
}

std::pair<const catalog::Price*, PriceSource> ModelTable::Impl::price_for(
    std::string_view model, const catalog::Price* posted) const {
  const auto own = own_prices.find(model);
  if (own != own_prices.end()) return {&own->second, PriceSource::own};
  return {posted, posted == nullptr ? PriceSource::unknown : PriceSource::catalog};
}

void ModelTable::Impl::add_catalog_models() {
  for (const catalog::Model& model : catalog.models()) {
    for (const catalog::Offer& offer : model.offers) {
      const auto provider = providers.find(offer.provider);
      if (provider == providers.end()) continue;
      Served& served = models[std::string(model.id)];
      served.name = model.name;
      served.lab = model.lab;
      served.released = model.released;
      const auto [price, source] = price_for(model.id, catalog.price_of(offer));
      served.ways.push_back(
          {&provider->second, std::string(offer.upstream_id), offer.dialect, price, source});
    }
  }
}

void ModelTable::Impl::add_built_in(const BuiltIn& built_in) {
  add_provider(built_in.record, built_in.credential);
  const auto provider = providers.find(built_in.record.id);
  if (provider == providers.end()) return;
  auto price = catalog::parse_price(built_in.price_json);
  for (const std::string& name : built_in.models) {
    const std::string id = built_in.record.id + "/" + name;
    const catalog::Price* posted = nullptr;
    if (price) posted = &own_prices.emplace(id, *price).first->second;
    models[id] = {id,
                  built_in.record.id,
                  0,
                  {{&provider->second,
                    name,
                    {},
                    posted,
                    posted == nullptr ? PriceSource::unknown : PriceSource::catalog}}};
  }
}

/// Every other name, in the order in which they count; an earlier one is never replaced.
void ModelTable::Impl::add_names(const ControlData& data) {
  for (const AliasRecord& alias : data.aliases) {
    names.emplace(alias.name, alias.model);
    user_aliases.push_back(alias.name);
  }
  std::map<std::string, int> slugs;
  for (const catalog::Model& model : catalog.models()) {
    for (const std::string_view alias : model.aliases) {
      names.emplace(std::string(alias), std::string(model.id));
    }
    ++slugs[std::string(model.id.substr(model.id.find('/') + 1))];
  }
  for (const catalog::Model& model : catalog.models()) {
    const std::string slug(model.id.substr(model.id.find('/') + 1));
    if (slugs[slug] == 1) names.emplace(slug, std::string(model.id));
  }
  for (const FallbackRecord& fallback : data.fallbacks) {
    fallbacks.emplace(fallback.model, fallback.chain);
  }
}

/// Without a pin: the user's alias, the catalog's id or alias, a provider's own id, a lone slug.
std::optional<Resolved> ModelTable::Impl::resolve_plain(std::string_view name) const {
  std::string model(name);
  // A user's alias may lead to a catalog's alias; no further.
  for (int step = 0; step < 2; ++step) {
    const auto known = names.find(model);
    if (known == names.end()) break;
    model = known->second;
  }
  const auto served = models.find(model);
  if (served != models.end()) return Resolved{model, &served->second, {}, {}};
  const std::size_t slash = model.find('/');
  if (slash == std::string::npos || slash + 1 == model.size()) return std::nullopt;
  const auto provider = providers.find(model.substr(0, slash));
  if (provider == providers.end()) return std::nullopt;
  const auto [price, source] = price_for(model, nullptr);
  Resolved resolved{model, nullptr, {}, {}};
  resolved.own.push_back({&provider->second, model.substr(slash + 1), {}, price, source});
  return resolved;
}

std::optional<Resolved> ModelTable::Impl::resolve(std::string_view name) const {
  if (auto plain = resolve_plain(name)) return plain;
  const std::size_t at = name.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view provider = name.substr(at + 1);
  if (!providers.contains(provider)) return std::nullopt;
  auto pinned = resolve_plain(name.substr(0, at));
  if (pinned) pinned->pinned = provider;
  return pinned;
}

void ModelTable::Impl::add_targets(const Resolved& resolved, const Wish& wish, bool fallback,
                                   std::vector<Target>& out) const {
  struct Candidate {
    const Way* way;
    const Endpoint* endpoint;
  };
  std::vector<Candidate> candidates;
  for (const Way& way : resolved.ways()) {
    const std::string& provider = way.provider->record->id;
    if (!resolved.pinned.empty() && provider != resolved.pinned) continue;
    if (!allowed(wish.key, resolved.model, provider)) continue;
    if (!way.only_dialect.empty() && way.only_dialect != wish.dialect) continue;
    if (const Endpoint* endpoint = way.provider->speaking(wish.dialect)) {
      candidates.push_back({&way, endpoint});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
    return a.way->provider->record->priority < b.way->provider->record->priority;
  });
  std::uint64_t dice = wish.dice;
  for (auto first = candidates.begin(); first != candidates.end();) {
    const int priority = first->way->provider->record->priority;
    const auto last = std::find_if(first, candidates.end(), [priority](const Candidate& one) {
      return one.way->provider->record->priority != priority;
    });
    // Draw without replacement: each next place goes to one of the rest, by weight.
    for (; first != last; ++first) {
      std::uint64_t total = 0;
      for (auto at = first; at != last; ++at) {
        total += static_cast<std::uint64_t>(std::max(at->way->provider->record->weight, 0));
      }
      auto drawn = first;
      if (total > 0) {
        dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
        std::uint64_t ticket = (dice >> 33) % total;
        while (ticket >=
               static_cast<std::uint64_t>(std::max(drawn->way->provider->record->weight, 0))) {
          ticket -= static_cast<std::uint64_t>(std::max(drawn->way->provider->record->weight, 0));
          ++drawn;
        }
      }
      std::rotate(first, drawn, drawn + 1);
    }
  }
  for (const Candidate& chosen : candidates) {
    out.push_back({chosen.endpoint, resolved.model, chosen.way->upstream_model, chosen.way->price,
                   chosen.way->price_source, fallback});
  }
}

/// Why a name leads nowhere, and what would mend it.
Refusal ModelTable::Impl::explain_missing(std::string_view name, const KeyRecord* key) const {
  const std::string shown = printable(name);
  if (name == "auto" || name.starts_with("auto:")) {
    return unknown_model("'" + shown + "' is not there yet; name a model");
  }
  const std::string text(name);
  const auto alias = names.find(text);
  const catalog::Model* known =
      catalog.model(alias == names.end() ? std::string_view(text) : alias->second);
  if (known != nullptr) {
    std::string providers_of;
    for (const catalog::Offer& offer : known->offers) {
      if (providers_of.find(offer.provider) != std::string::npos) continue;
      if (!providers_of.empty()) providers_of += ", ";
      providers_of += offer.provider;
    }
    return unknown_model("no provider that serves '" + std::string(known->id) +
                         "' is added and enabled; add one of: " + providers_of +
                         " (routerone providers add " +
                         std::string(known->offers.front().provider) + ")");
  }
  std::vector<std::string> candidates = user_aliases;
  for (const auto& [id, served] : models) {
    if (allowed(key, id, served.ways.front().provider->record->id)) candidates.push_back(id);
  }
  std::string message = "there is no model '" + shown + "'";
  const std::vector<std::string> close = nearest(name, candidates, nearest_shown);
  for (std::size_t i = 0; i < close.size(); ++i) {
    message += (i == 0 ? "; nearest: " : ", ") + close[i];
  }
  return unknown_model(std::move(message));
}

ModelTable::ModelTable(const ControlData& data, const catalog::Catalog& catalog,
                       const Credentials& credentials, const std::vector<BuiltIn>& built_in)
    : impl_(std::make_unique<Impl>(catalog)) {
  impl_->add_own_prices(data);
  for (const ProviderRecord& record : data.providers) {
    const auto credential = credentials.find(record.id);
    impl_->add_provider(record, credential == credentials.end() ? nullptr : credential->second);
  }
  impl_->add_catalog_models();
  for (const BuiltIn& provider : built_in) impl_->add_built_in(provider);
  impl_->add_names(data);
}

ModelTable::~ModelTable() = default;

tl::expected<RoutePlan, Refusal> ModelTable::plan(const Wish& wish) const {
  const auto resolved = impl_->resolve(wish.model);
  if (!resolved) return tl::unexpected(impl_->explain_missing(wish.model, wish.key));

  RoutePlan plan;
  impl_->add_targets(*resolved, wish, false, plan.targets);
  const auto chain = impl_->fallbacks.find(resolved->model);
  if (chain != impl_->fallbacks.end()) {
    for (const std::string& next : chain->second) {
      if (const auto other = impl_->resolve(next)) {
        impl_->add_targets(*other, wish, true, plan.targets);
      }
    }
  }
  if (!plan.targets.empty()) return plan;

  std::set<std::string> dialects;
  bool permitted = false;
  for (const Way& way : resolved->ways()) {
    if (!allowed(wish.key, resolved->model, way.provider->record->id)) continue;
    permitted = true;
    for (const Endpoint& endpoint : way.provider->endpoints) {
      if (way.only_dialect.empty() || way.only_dialect == endpoint.dialect) {
        dialects.insert(endpoint.dialect);
      }
    }
  }
  if (!permitted) {
    return tl::unexpected(
        unknown_model("this key may not use the model '" + printable(wish.model) + "'"));
  }
  std::string message = "the providers of '" + resolved->model + "' do not speak " +
                        std::string(wish.dialect) +
                        ", and translation between dialects is not there yet; it can be asked in:";
  for (const std::string& dialect : dialects) message += " " + dialect;
  return tl::unexpected(Refusal{RefusalKind::bad_request, std::move(message), "model", {}});
}

std::vector<ModelTable::Listed> ModelTable::list(const KeyRecord* key) const {
  std::vector<Listed> listed;
  const auto add = [&](const std::string& shown, const std::string& id, const Served& served) {
    Listed one{shown, served.name, served.lab, served.released, {}};
    for (const Way& way : served.ways) {
      const std::string& provider = way.provider->record->id;
      const bool there =
          std::find(one.providers.begin(), one.providers.end(), provider) != one.providers.end();
      if (!there && allowed(key, id, provider)) one.providers.push_back(provider);
    }
    if (!one.providers.empty()) listed.push_back(std::move(one));
  };
  for (const auto& [id, served] : impl_->models) add(id, id, served);
  for (const std::string& alias : impl_->user_aliases) {
    const auto served = impl_->models.find(impl_->names.at(alias));
    if (served != impl_->models.end()) add(alias, served->first, served->second);
  }
  std::sort(listed.begin(), listed.end(),
            [](const Listed& a, const Listed& b) { return a.id < b.id; });
  return listed;
}

}  // namespace routerone::routing
