#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"
#include "daemon/control/limits.h"
#include "daemon/control/price_view.h"

namespace routerone::control {
namespace {

bool allows_provider(const Limits& limits, const std::string& id) {
  return limits.providers.empty() ||
         std::find(limits.providers.begin(), limits.providers.end(), id) != limits.providers.end();
}

bool allows_model(const Limits& limits, const std::string& id) {
  return limits.models.empty() ||
         std::any_of(limits.models.begin(), limits.models.end(),
                     [&](const std::string& glob) { return glob_match(glob, id); });
}

/// Could one of the globs match a model of this provider, whatever it is called?
bool may_allow_models_of(const Limits& limits, const std::string& provider) {
  const std::string prefix = lower(provider + "/");
  return limits.models.empty() ||
         std::any_of(limits.models.begin(), limits.models.end(), [&](const std::string& glob) {
           const std::string fixed = lower(glob.substr(0, glob.find_first_of("*?")));
           const auto common = std::min(fixed.size(), prefix.size());
           return fixed.compare(0, common, prefix, 0, common) == 0;
         });
}

/// What a scope can reach: whether anything has a price, and what has none.
struct Reach {
  bool priced = false;
  Strings unpriced;

  void note(bool known, std::string name) {
    priced = priced || known;
    if (!known) unpriced.push_back(std::move(name));
  }
};

/// Models with names of their own, by the snapshot's own rules.
void add_listed(Reach& reach, const Limits& limits, const ControlData& data, Desk desk) {
  KeyRecord key;
  key.limits = limits;
  const auto snapshot = desk.state.snapshot();
  for (const auto& listed : snapshot->models.list(&key)) {
    const bool alias =
        std::any_of(data.aliases.begin(), data.aliases.end(),
                    [&](const AliasRecord& record) { return record.name == listed.id; });
    if (alias) continue;
    const Priced price = price_of(listed.id, listed.providers, data, desk);
    reach.note(!price.price.is_null(), listed.id);
  }
}

/// Providers whose models nobody lists: their prices are the user's own, or unknown.
void add_unlisted(Reach& reach, const Limits& limits, const ControlData& data, Desk desk) {
  for (const ProviderRecord& provider : data.providers) {
    const bool listed = desk.state.catalog().provider(provider.id) != nullptr;
    if (listed || !provider.enabled || !allows_provider(limits, provider.id)) continue;
    const std::string prefix = provider.id + "/";
    const bool own = std::any_of(data.prices.begin(), data.prices.end(), [&](const auto& price) {
      return price.model.starts_with(prefix) && allows_model(limits, price.model);
    });
    if (own || may_allow_models_of(limits, provider.id)) reach.note(own, prefix + "*");
  }
}

}  // namespace

Result<Strings> check_prices(const Limits& limits, const ControlData& data, Desk desk) {
  constexpr std::size_t shown = 3;
  if (!limits.spend || limits.unpriced) return Strings();
  Reach reach;
  add_listed(reach, limits, data, desk);
  add_unlisted(reach, limits, data, desk);
  if (reach.unpriced.empty()) return Strings();
  const std::string first = reach.unpriced.front();
  if (!reach.priced)
    return fail(
        ErrorKind::invalid,
        "a spend limit cannot be held here: no model that may be used has a known price",
        fmt::format("routerone models price {} --input USD --output USD, or add --unpriced",
                    first.ends_with("/*") ? first.substr(0, first.size() - 1) + "MODEL" : first));
  const std::size_t more = reach.unpriced.size() - std::min(shown, reach.unpriced.size());
  reach.unpriced.resize(std::min(shown, reach.unpriced.size()));
  return Strings{fmt::format(
      "without a known price these are refused under a spend limit: {}{}; routerone models price",
      fmt::join(reach.unpriced, ", "), more == 0 ? "" : fmt::format(" and {} more", more))};
}

}  // namespace routerone::control
