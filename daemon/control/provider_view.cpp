#include "daemon/control/provider_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/core/text.h"
#include "daemon/control/credentials.h"
#include "daemon/control/provider_health.h"
#include "daemon/control/provider_record.h"
#include "daemon/control/words.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {
namespace {

Json pairs_view(const auto& pairs) {
  Json out = Json::object();
  for (const auto& [name, value] : pairs) out[std::string(name)] = value;
  return out;
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

/// Would a key go over a network in the clear?
bool is_exposed(const Endpoint& endpoint) {
  const bool loopback =
      endpoint.host == "localhost" || endpoint.host == "::1" || endpoint.host.starts_with("127.");
  return !endpoint.tls && !loopback && endpoint.auth != AuthScheme::none;
}

/// What could not be read, in the words of `providers show`.
void warn_of_keys(const ProviderRecord& record, const routing::Credentials& credentials,
                  Json& out) {
  if (record.auth == AuthScheme::none) return;
  if (!credentials.contains(record.id))
    out.push_back("its key could not be read; give it again with --key-from");
  for (const CredentialRecord& more : record.more_keys)
    if (!credentials.contains(routing::credential_name(record.id, more.name)))
      out.push_back(
          fmt::format("its key {0} could not be read; give it again with --key {0} "
                      "--key-from",
                      more.name));
}

Json warnings_of(const ProviderRecord& record, const routing::Credentials& credentials, Desk desk) {
  Json out = Json::array();
  for (const EndpointRecord& where : record.endpoints) {
    if (const auto slip = slip_of(record, where, desk.state.catalog())) out.push_back(*slip);
    const auto endpoint = routing::make_endpoint(record, where, nullptr);
    if (endpoint && is_exposed(*endpoint))
      out.push_back(fmt::format("its key travels to {} unencrypted", endpoint->host));
  }
  warn_of_keys(record, credentials, out);
  return out;
}

/// Of the credentials that are on record; what else was asked once is of no interest any more.
TargetHealth targets_of(const ProviderRecord& record, Desk desk) {
  TargetHealth targets = desk.services.health.of_provider(record.id);
  std::erase_if(targets, [&](const auto& one) {
    const std::string_view rest = std::string_view(one.first).substr(record.id.size());
    if (!rest.starts_with('#')) return false;
    const std::string_view account = rest.substr(1, rest.find('/') - 1);
    return std::none_of(record.more_keys.begin(), record.more_keys.end(),
                        [&](const auto& more) { return more.name == account; });
  });
  return targets;
}

Json view(const ProviderRecord& record, Desk desk) {
  const auto credentials = desk.state.credentials();
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = record.id;
  out["added"] = true;
  out["enabled"] = record.enabled;
  out["built_in"] = false;
  Json dialects = Json::array();
  Json endpoints = Json::array();
  for (const EndpointRecord& endpoint : record.endpoints) {
    dialects.push_back(endpoint.dialect);
    endpoints.push_back(Json{{"dialect", endpoint.dialect}, {"base_url", endpoint.base_url}});
  }
  out["dialects"] = std::move(dialects);
  out["endpoints"] = std::move(endpoints);
  out["auth"] = to_word(record.auth);
  out["headers"] = pairs_view(record.headers);
  out["variables"] = pairs_view(record.variables);
  out["priority"] = record.priority;
  out["weight"] = record.weight;
  out["ca_file"] = or_null(record.ca_file);
  out["proxy"] = or_null(record.proxy);
  out["proxy_login"] = credentials.contains(routing::proxy_login_name(record.id));
  out["key_from"] = or_null(record.key_from);
  out["has_key"] = credentials.contains(record.id);
  out["more_keys"] = Json::array();
  for (const CredentialRecord& more : record.more_keys)
    out["more_keys"].push_back(
        Json{{"name", more.name},
             {"key_from", or_null(more.key_from)},
             {"has_key", credentials.contains(routing::credential_name(record.id, more.name))}});
  out["health"] = worst_json(targets_of(record, desk), desk.services.clock);
  return out;
}

/// The names in braces of a base URL.
std::vector<std::string> variables_of(std::string_view url) {
  std::vector<std::string> names;
  for (auto open = url.find('{'); open != url.npos; open = url.find('{', open + 1)) {
    const auto close = url.find('}', open);
    if (close == url.npos) break;
    names.emplace_back(url.substr(open + 1, close - open - 1));
  }
  return names;
}

}  // namespace

Json provider_json(const ProviderRecord& record, Desk desk) {
  Json out = view(record, desk);
  out["created"] = format_rfc3339(record.created);
  out["warnings"] = warnings_of(record, desk.state.credentials(), desk);
  return out;
}

Json built_in_json(const ProviderRecord& record, Desk desk) {
  Json out = view(record, desk);
  out["built_in"] = true;
  out["created"] = nullptr;
  out["warnings"] = Json::array();
  return out;
}

Json with_targets(Json provider, const ProviderRecord& record, Desk desk) {
  provider["targets"] = targets_json(targets_of(record, desk), record.id, desk.services.clock);
  return provider;
}

Json credentials_json(const ProviderRecord& record, Desk desk) {
  const auto credentials = desk.state.credentials();
  const TargetHealth targets = targets_of(record, desk);
  Json out = Json::array();
  const auto add = [&](const std::string& account, const std::string& key_from, WallTime created) {
    const std::string name = routing::credential_name(record.id, account);
    TargetHealth own;
    std::copy_if(targets.begin(), targets.end(), std::back_inserter(own),
                 [&](const auto& one) { return one.first.starts_with(name + "/"); });
    Json row = Json::object();
    row["schema"] = schema_version;
    row["provider"] = record.id;
    row["name"] = or_null(account);
    row["key_from"] = or_null(key_from);
    row["has_key"] = credentials.contains(name);
    row["created"] = format_rfc3339(created);
    row["health"] = worst_json(own, desk.services.clock);
    out.push_back(std::move(row));
  };
  if (record.auth == AuthScheme::none) return out;
  add({}, record.key_from, record.created);
  for (const CredentialRecord& more : record.more_keys) add(more.name, more.key_from, more.created);
  return out;
}

Json offer_json(const catalog::Provider& provider) {
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = provider.id;
  out["name"] = provider.name;
  out["kind"] = provider.kind;
  out["added"] = false;
  out["known"] = true;
  Json dialects = Json::array();
  Json variables = Json::array();
  for (const catalog::ProviderEndpoint& endpoint : provider.endpoints) {
    dialects.push_back(endpoint.dialect);
    for (std::string& name : variables_of(endpoint.base_url))
      if (std::find(variables.begin(), variables.end(), name) == variables.end())
        variables.push_back(std::move(name));
  }
  out["base_url"] =
      provider.endpoints.empty() ? Json(nullptr) : Json(provider.endpoints.front().base_url);
  out["dialects"] = std::move(dialects);
  out["auth"] = provider.auth;
  out["env"] = provider.env;
  out["variables"] = std::move(variables);
  out["unsupported"] = or_null(unsupported_reason(provider));
  return out;
}

}  // namespace routerone::control
