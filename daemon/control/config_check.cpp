#include "daemon/control/config_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/catalog/price.h"
#include "common/core/text.h"
#include "common/platform/time_zone.h"
#include "daemon/control/config_file.h"
#include "daemon/control/credentials.h"
#include "daemon/control/limits.h"
#include "daemon/control/model_names.h"
#include "daemon/control/provider_find.h"
#include "daemon/control/provider_record.h"
#include "daemon/control/scopes.h"
#include "daemon/control/words.h"
#include "daemon/dialect/registry.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {
namespace {

/// `keys[2] ("ci"): ..`
Status placed(Status status, const char* list, std::size_t number, const std::string& name) {
  if (status) return status;
  Error error = std::move(status).error();
  error.message =
      fmt::format("control.{}[{}] (\"{}\"): {}", list, number, printable(name, 64), error.message);
  return tl::unexpected(std::move(error));
}

Status once(std::set<std::string>& seen, const std::string& what) {
  if (seen.insert(what).second) return {};
  return fail(ErrorKind::invalid, "it stands there twice");
}

Status check_spend(const std::optional<SpendLimit>& spend) {
  if (!spend) return {};
  if (!spend->timezone.empty() && !time_zone_exists(spend->timezone))
    return fail(
        ErrorKind::invalid,
        fmt::format("there is no time zone \"{}\" on this machine", printable(spend->timezone, 64)),
        "install the zone database (tzdata), or use a name like Europe/Berlin");
  if (spend->warn_percent < 1 || spend->warn_percent > 100)
    return fail(ErrorKind::invalid, "spend.warn_percent is not from 1 to 100");
  return {};
}

Status check_limits(const Limits& limits, const ControlData& data, Desk desk) {
  TRY_STATUS(check_spend(limits.spend));
  LimitsWish wish;
  if (!limits.models.empty()) wish.models = limits.models;
  if (!limits.providers.empty()) wish.providers = limits.providers;
  if (!limits.policy.region.empty()) wish.region = limits.policy.region;
  Limits tried = limits;
  return apply_limits(tried, wish, data, desk.services);
}

Status check_key(const KeyRecord& key, const ControlData& data, Desk desk) {
  TRY_STATUS(check_name("key", key.name));
  TRY_STATUS(check_name("key's id", key.id));
  if (!outer_key(key.id).empty()) return fail(ErrorKind::invalid, "its id is one of a run's");
  if (key.revoked) return {};  // nothing else of it counts any more
  if (!find_project(data, key.project)) return no_such_project(data, key.project);
  return check_limits(key.limits, data, desk);
}

Status check_keys(const ControlData& data, Desk desk) {
  std::set<std::string> ids, names;
  for (std::size_t i = 0; i < data.keys.size(); ++i) {
    const KeyRecord& key = data.keys[i];
    Status sound = once(ids, key.id);
    if (sound && !key.run) sound = check_key(key, data, desk);
    if (sound && !key.revoked) sound = once(names, key.name);
    TRY_STATUS(placed(std::move(sound), "keys", i, key.name));
  }
  return {};
}

Status check_projects(const ControlData& data, Desk desk) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < data.projects.size(); ++i) {
    const ProjectRecord& project = data.projects[i];
    Status sound = check_name("project", project.name);
    if (sound) sound = once(names, project.name);
    if (sound) sound = check_limits(project.limits, data, desk);
    TRY_STATUS(placed(std::move(sound), "projects", i, project.name));
  }
  if (!names.contains(default_project))
    return fail(ErrorKind::invalid, "control.projects lacks \"default\", which is always there");
  return {};
}

Status check_provider(const ProviderRecord& provider, Desk desk) {
  TRY_STATUS(check_name("provider", provider.id));
  TRY_STATUS(refuse_built_in(provider.id, desk));
  for (const EndpointRecord& endpoint : provider.endpoints) {
    if (!dialect::find(endpoint.dialect))
      return fail(ErrorKind::invalid, fmt::format("the dialect \"{}\" is not spoken here",
                                                  printable(endpoint.dialect, 40)));
    TRY([[maybe_unused]] const Endpoint made, routing::make_endpoint(provider, endpoint, nullptr));
  }
  std::set<std::string> names;
  for (const CredentialRecord& more : provider.more_keys) {
    TRY_STATUS(check_name("credential", more.name));
    TRY_STATUS(once(names, more.name));
  }
  ProviderWish wish;  // what it has, laid over itself
  wish.id = provider.id;
  wish.headers = provider.headers;
  wish.variables.assign(provider.variables.begin(), provider.variables.end());
  wish.ca_file = provider.ca_file;
  wish.proxy = provider.proxy;
  ProviderRecord tried = provider;
  return update_provider(tried, wish, desk);
}

Status check_providers(const ControlData& data, Desk desk) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < data.providers.size(); ++i) {
    const ProviderRecord& provider = data.providers[i];
    Status sound = check_provider(provider, desk);
    if (sound) sound = once(ids, provider.id);
    TRY_STATUS(placed(std::move(sound), "providers", i, provider.id));
  }
  return {};
}

Status check_prices(const ControlData& data) {
  for (const PriceRecord& price : data.prices) {
    const auto parsed = catalog::parse_price(price.price_json);
    if (!parsed)
      return fail(ErrorKind::invalid, fmt::format("control.prices.{}: {}", printable(price.model),
                                                  parsed.error().message));
  }
  return {};
}

Status check_credentials(const State::Draft& next) {
  const auto names = credential_names(next.data.providers);
  for (const auto& [name, secret] : next.credentials) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      return fail(ErrorKind::invalid, fmt::format("secrets.credentials.{} belongs to no provider",
                                                  printable(name, 80)));
    const bool login = routing::proxy_login_name(name.substr(0, name.find('@'))) == name;
    if (Status sound = login ? check_proxy_login(*secret) : check_credential(*secret); !sound)
      return fail(sound.error().kind, fmt::format("secrets.credentials.{}: {}", printable(name, 80),
                                                  sound.error().message));
  }
  return {};
}

void warn_of_names(const ControlData& data, Desk desk, Strings& warnings) {
  const auto look = [&](const char* what, const std::string& of, const std::string& model) {
    if (const auto found = routed_model(model, data, desk); !found)
      warnings.push_back(fmt::format("the {} {} leads to {}: {}", what, printable(of),
                                     printable(model), found.error().message));
  };
  for (const AliasRecord& alias : data.aliases) {
    ControlData others = data;
    std::erase_if(others.aliases, [&](const AliasRecord& a) { return a.name == alias.name; });
    if (const auto found = routed_model(alias.model, others, desk); !found)
      warnings.push_back(fmt::format("the alias {} leads to {}: {}", printable(alias.name),
                                     printable(alias.model), found.error().message));
  }
  for (const FallbackRecord& chain : data.fallbacks)
    for (const std::string& model : chain.chain) look("fallback chain of", chain.model, model);
  for (const CandidatesRecord& list : data.candidates)
    for (const std::string& model : list.models) look("list", list.name, model);
}

/// Secrets that a file without them could not bring.
void warn_of_secrets(const State::Draft& next, bool secrets, Desk desk, Strings& warnings) {
  const auto now = desk.state.snapshot();
  for (const KeyRecord& key : next.data.keys) {
    const bool known = std::any_of(now->data.keys.begin(), now->data.keys.end(),
                                   [&](const KeyRecord& old) { return old.id == key.id; });
    if (!known && !key.revoked && !secrets)
      warnings.push_back(fmt::format(
          "the key \"{0}\" came without its secret: routerone keys rotate {0}", key.name));
  }
  for (const ProviderRecord& provider : next.data.providers)
    if (provider.auth != AuthScheme::none && !next.credentials.contains(provider.id))
      warnings.push_back(fmt::format("{0} has no credential: routerone providers update {0} {1}",
                                     provider.id,
                                     provider.key_from.empty() ? "--key-from .." : "--refresh"));
}

}  // namespace

Status check_config(const State::Draft& next, bool secrets, Desk desk, Strings& warnings) {
  TRY_STATUS(check_projects(next.data, desk));
  TRY_STATUS(check_providers(next.data, desk));
  TRY_STATUS(check_keys(next.data, desk));
  if (Status sound = check_spend(next.data.wallet.limits.spend); !sound)
    return fail(ErrorKind::invalid, "control.wallet: " + sound.error().message, sound.error().hint);
  TRY_STATUS(check_prices(next.data));
  TRY_STATUS(check_credentials(next));
  warn_of_names(next.data, desk, warnings);
  warn_of_secrets(next, secrets, desk, warnings);
  return {};
}

}  // namespace routerone::control
