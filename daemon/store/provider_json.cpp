#include "daemon/store/provider_json.h"

#include <array>

#include "common/json/json.h"
#include "daemon/store/json_fields.h"

namespace routerone::store {
namespace {

constexpr std::array<std::pair<AuthScheme, const char*>, 5> auth_words = {
    {{AuthScheme::bearer, "bearer"},
     {AuthScheme::x_api_key, "x-api-key"},
     {AuthScheme::x_goog_api_key, "x-goog-api-key"},
     {AuthScheme::api_key, "api-key"},
     {AuthScheme::none, "none"}}};

Json to_json(const CredentialRecord& key) {
  Json out = Json::object();
  out["name"] = key.name;
  out["key_from"] = key.key_from;
  out["created"] = format_rfc3339(key.created);
  return out;
}

void read(JsonFields in, CredentialRecord& key) {
  in.read("name", key.name);
  in.read("key_from", key.key_from);
  in.read("created", key.created);
  if (key.name.empty()) in.note("name", "must be there");
}

void read_auth(JsonFields& in, AuthScheme& into) {
  std::string word = "bearer";
  in.read("auth", word);
  for (const auto& [scheme, known] : auth_words)
    if (word == known) {
      into = scheme;
      return;
    }
  in.note("auth", "is not bearer, x-api-key, x-goog-api-key, api-key or none");
}

}  // namespace

Json provider_to_json(const ProviderRecord& provider) {
  Json out = Json::object();
  out["id"] = provider.id;
  out["endpoints"] = Json::array();
  for (const auto& endpoint : provider.endpoints) {
    Json entry = Json::object();
    entry["dialect"] = endpoint.dialect;
    entry["base_url"] = endpoint.base_url;
    out["endpoints"].push_back(std::move(entry));
  }
  for (const auto& [scheme, word] : auth_words)
    if (scheme == provider.auth) out["auth"] = word;
  out["headers"] = Json::array();
  for (const auto& [name, value] : provider.headers)
    out["headers"].push_back(Json::array({name, value}));
  out["variables"] = Json::object();
  for (const auto& [name, value] : provider.variables) out["variables"][name] = value;
  out["key_from"] = provider.key_from;
  out["more_keys"] = Json::array();
  for (const auto& key : provider.more_keys) out["more_keys"].push_back(to_json(key));
  out["ca_file"] = provider.ca_file;
  out["proxy"] = provider.proxy;
  out["enabled"] = provider.enabled;
  out["priority"] = provider.priority;
  out["weight"] = provider.weight;
  out["created"] = format_rfc3339(provider.created);
  return out;
}

void read_provider(JsonFields in, ProviderRecord& provider) {
  in.read("id", provider.id);
  for (const auto& entry : in.list("endpoints")) {
    JsonFields fields = in.entry(entry, "endpoints");
    auto& endpoint = provider.endpoints.emplace_back();
    fields.read("dialect", endpoint.dialect);
    fields.read("base_url", endpoint.base_url);
  }
  read_auth(in, provider.auth);
  for (const auto& entry : in.list("headers")) {
    const bool pair =
        entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string();
    if (!pair) return in.note("headers", "is not a list of [name, value]");
    provider.headers.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
  }
  for (const auto& [name, value] : in.object("variables").items()) {
    if (!value.is_string()) return in.note("variables", "holds something that is no text");
    provider.variables[name] = value.get<std::string>();
  }
  in.read("key_from", provider.key_from);
  for (const auto& entry : in.list("more_keys"))
    read(in.entry(entry, "more_keys"), provider.more_keys.emplace_back());
  in.read("ca_file", provider.ca_file);
  in.read("proxy", provider.proxy);
  in.read("enabled", provider.enabled);
  in.read("priority", provider.priority);
  in.read("weight", provider.weight);
  in.read("created", provider.created);
  if (provider.id.empty() || provider.endpoints.empty())
    in.note("id", "and endpoints must be there");
}

}  // namespace routerone::store
