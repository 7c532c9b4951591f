#include "daemon/routing/model_table.h"

#include <algorithm>
#include <set>

#include "common/core/text.h"
#include "daemon/routing/allowance.h"
#include "daemon/routing/name_table.h"

namespace routerone::routing {
namespace {

constexpr std::size_t nearest_shown = 3;

/// May the caller use the model with any of its providers?
bool allowed_anywhere(const Allowance& allowance, std::string_view model,
                      const std::vector<Way>& ways) {
  return std::any_of(ways.begin(), ways.end(),
                     [&](const Way& way) { return allowance.names(model, way.provider_id()); });
}

Refusal unknown_model(std::string message) {
  return {RefusalKind::unknown_model, std::move(message), "model", {}};
}

void add_once(std::string& list, std::string_view word) {
  for (const std::string_view there : split(list, ',')) {
    if (trim(there) == word) return;
  }
  if (!list.empty()) list += ", ";
  list += word;
}

struct Candidate {
  const Way* way;
  const Endpoint* endpoint;

  bool translated = false;

  int priority() const { return way->provider->record->priority; }
  std::uint64_t weight() const {
    return static_cast<std::uint64_t>(std::max(way->provider->record->weight, 0));
  }
};
using Candidates = std::vector<Candidate>;

/// Draws without replacement: each next place goes to one of the rest, by weight.
void shuffle_by_weight(Candidates::iterator first, Candidates::iterator last, std::uint64_t& dice) {
  for (; first != last; ++first) {
    std::uint64_t total = 0;
    for (auto at = first; at != last; ++at) total += at->weight();
    if (total == 0) return;  // nothing to draw by: they stay in the catalog's order
    dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
    std::uint64_t ticket = (dice >> 33) % total;
    auto drawn = first;
    for (; ticket >= drawn->weight(); ++drawn) ticket -= drawn->weight();
    std::rotate(first, drawn, drawn + 1);
  }
}

/// By priority; among equals those that take the caller's bytes as they are; then by weighted draw.
void put_in_order(Candidates& candidates, std::uint64_t dice) {
  std::stable_sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
    return std::pair(a.priority(), a.translated) < std::pair(b.priority(), b.translated);
  });
  for (auto first = candidates.begin(); first != candidates.end();) {
    const auto last = std::find_if(first, candidates.end(), [first](const Candidate& one) {
      return one.priority() != first->priority() || one.translated != first->translated;
    });
    shuffle_by_weight(first, last, dice);
    first = last;
  }
}

Quirks quirks_of(const catalog::Provider* known) {
  Quirks quirks;
  if (known == nullptr) return quirks;
  quirks.max_completion_tokens = known->has(catalog::Quirk::max_completion_tokens);
  quirks.states_cost = known->has(catalog::Quirk::states_cost);
  return quirks;
}

Target target_of(const Way& way, const Endpoint& endpoint, const std::string& model,
                 bool fallback) {
  Target target;
  target.endpoint = &endpoint;
  target.model = model;
  target.upstream_model = way.upstream_model;
  target.price = way.price;
  target.price_source = way.price_source;
  target.context = way.context;
  target.max_output = way.max_output;
  target.quirks = quirks_of(way.provider->known);
  target.explicit_fallback = fallback;
  return target;
}

/// Where to ask for it: in the caller's dialect if it can be, else in one that can be translated
/// to.
const Endpoint* endpoint_for(const Way& way, const ModelTable::Wish& wish) {
  const auto fits = [&way](std::string_view dialect) {
    return way.only_dialect.empty() || way.only_dialect == dialect;
  };
  if (fits(wish.dialect)) {
    if (const Endpoint* const own = way.provider->speaking(wish.dialect)) return own;
  }
  for (const Endpoint& endpoint : way.provider->endpoints) {
    const bool known =
        std::find(wish.others.begin(), wish.others.end(), endpoint.dialect) != wish.others.end();
    if (known && fits(endpoint.dialect)) return &endpoint;
  }
  return nullptr;
}

void add_targets(const Resolved& resolved, const ModelTable::Wish& wish, const Allowance& allowance,
                 bool fallback, std::vector<Target>& out) {
  Candidates candidates;
  for (const Way& way : resolved.ways()) {
    if (!resolved.pinned.empty() && way.provider_id() != resolved.pinned) continue;
    if (!allowance.names(resolved.model, way.provider_id())) continue;
    const Endpoint* const endpoint = endpoint_for(way, wish);
    if (endpoint != nullptr && allowance.data(way, *endpoint)) {
      candidates.push_back({&way, endpoint, endpoint->dialect != wish.dialect});
    }
  }
  put_in_order(candidates, wish.dice);
  for (const Candidate& chosen : candidates) {
    out.push_back(target_of(*chosen.way, *chosen.endpoint, resolved.model, fallback));
  }
}

/// Why a name leads nowhere, and what would mend it.
Refusal explain_missing(const NameTable& names, std::string_view name, const Allowance& allowance) {
  const std::string shown = printable(name);
  if (name == "auto" || name.starts_with("auto:")) {
    return unknown_model("'" + shown + "' is not there yet; name a model");
  }
  if (const catalog::Model* known = names.known(name); known && !known->offers.empty()) {
    std::string providers_of;
    for (const catalog::Offer& offer : known->offers) add_once(providers_of, offer.provider);
    return unknown_model("no provider that serves '" + std::string(known->id) +
                         "' is added and enabled; add one of: " + providers_of +
                         " (routerone providers add " +
                         std::string(known->offers.front().provider) + ")");
  }
  std::vector<std::string> candidates;
  for (const std::string& alias : names.user_aliases()) {
    const auto resolved = names.resolve(alias);
    if (resolved && allowed_anywhere(allowance, resolved->model, resolved->ways())) {
      candidates.push_back(alias);
    }
  }
  for (const auto& [id, served] : names.models()) {
    if (allowed_anywhere(allowance, id, served.ways)) candidates.push_back(id);
  }
  std::string message = "there is no model '" + shown + "'";
  const std::vector<std::string> close = nearest(name, candidates, nearest_shown);
  for (std::size_t i = 0; i < close.size(); ++i) {
    message += (i == 0 ? "; nearest: " : ", ") + close[i];
  }
  return unknown_model(std::move(message));
}

Refusal against_policy(std::string_view model, const std::string& providers,
                       const Allowance& allowance) {
  return {RefusalKind::bad_request,
          "no provider of '" + printable(model) + "' is known to keep the data policy required (" +
              allowance.data_in_words() + "); it is served by: " + providers,
          "model",
          {}};
}

/// Why a model that is there has no target for this wish.
Refusal explain_no_target(const Resolved& resolved, const ModelTable::Wish& wish,
                          const Allowance& allowance) {
  std::string dialects, providers;
  bool spoken = false;
  bool pinned_serves = resolved.pinned.empty();
  for (const Way& way : resolved.ways()) {
    if (!allowance.names(resolved.model, way.provider_id())) continue;
    add_once(providers, way.provider_id());
    if (!resolved.pinned.empty() && way.provider_id() != resolved.pinned) continue;
    pinned_serves = true;
    for (const Endpoint& endpoint : way.provider->endpoints) {
      if (way.only_dialect.empty() || way.only_dialect == endpoint.dialect) {
        add_once(dialects, endpoint.dialect);
        spoken = spoken || endpoint_for(way, wish) != nullptr;
      }
    }
  }
  if (providers.empty()) {
    return unknown_model("this key may not use the model '" + printable(wish.model) + "'");
  }
  if (!pinned_serves) {
    return unknown_model("the provider '" + resolved.pinned + "' does not serve '" +
                         printable(resolved.model) + "' here; it is served by: " + providers);
  }
  if (dialects.empty()) {
    return unknown_model("no base URL of the providers of '" + printable(resolved.model) +
                         "' can be used; see: routerone providers list");
  }
  if (spoken) return against_policy(wish.model, providers, allowance);
  return {RefusalKind::bad_request,
          "the providers of '" + printable(resolved.model) + "' do not speak " +
              std::string(wish.dialect) +
              ", and this path is not translated; it can be asked in: " + dialects,
          "model",
          {}};
}

}  // namespace

struct ModelTable::Impl {
  NameTable names;
  std::map<std::string, std::vector<std::string>, std::less<>> fallbacks;
};

ModelTable::ModelTable(const ControlData& data, const catalog::Catalog& catalog,
                       const Credentials& credentials, const std::vector<BuiltIn>& built_in)
    : impl_(new Impl{{data, catalog, credentials, built_in}, {}}) {
  for (const FallbackRecord& fallback : data.fallbacks) {
    impl_->fallbacks.emplace(fallback.model, fallback.chain);
  }
}

ModelTable::~ModelTable() = default;

tl::expected<RoutePlan, Refusal> ModelTable::plan(const Wish& wish) const {
  const Allowance allowance(wish.key != nullptr ? &wish.key->limits : nullptr, wish.project,
                            wish.outer);
  if (wish.now && allowance.expired(*wish.now)) {
    return tl::unexpected(
        Refusal{RefusalKind::bad_key, "the key or its project has expired", {}, {}});
  }
  const auto resolved = impl_->names.resolve(wish.model);
  if (!resolved) return tl::unexpected(explain_missing(impl_->names, wish.model, allowance));

  RoutePlan plan;
  add_targets(*resolved, wish, allowance, false, plan.targets);
  const auto chain = impl_->fallbacks.find(resolved->model);
  if (chain != impl_->fallbacks.end()) {
    for (const std::string& next : chain->second) {
      if (const auto other = impl_->names.resolve(next)) {
        add_targets(*other, wish, allowance, true, plan.targets);
      }
    }
  }
  if (plan.targets.empty()) return tl::unexpected(explain_no_target(*resolved, wish, allowance));
  return plan;
}

std::vector<ModelTable::Listed> ModelTable::list(const KeyRecord* key, const Limits* project,
                                                 std::span<const Limits* const> outer) const {
  const Allowance allowance(key != nullptr ? &key->limits : nullptr, project, outer);
  std::vector<Listed> listed;
  const auto add = [&](const std::string& shown, const Resolved& resolved) {
    Listed one{shown, resolved.model, "", 0, {}};
    if (resolved.served != nullptr) {
      one.name = resolved.served->name;
      one.lab = resolved.served->lab;
      one.released = resolved.served->released;
    }
    for (const Way& way : resolved.ways()) {
      const std::string& provider = way.provider_id();
      const bool there =
          std::find(one.providers.begin(), one.providers.end(), provider) != one.providers.end();
      if (!there && allowance.names(resolved.model, provider)) one.providers.push_back(provider);
    }
    if (!one.providers.empty()) listed.push_back(std::move(one));
  };
  const std::set<std::string> aliases(impl_->names.user_aliases().begin(),
                                      impl_->names.user_aliases().end());
  for (const auto& [id, served] : impl_->names.models()) {
    if (!aliases.contains(id)) add(id, {id, &served, {}, {}});
  }
  for (const std::string& alias : aliases) {
    if (const auto resolved = impl_->names.resolve(alias)) add(alias, *resolved);
  }
  std::sort(listed.begin(), listed.end(),
            [](const Listed& a, const Listed& b) { return a.id < b.id; });
  return listed;
}

}  // namespace routerone::routing
