#include "daemon/store/control_json.h"

#include <array>

#include "common/json/json.h"
#include "daemon/store/json_fields.h"
#include "daemon/store/limits_json.h"

namespace routerone::store {
namespace {

constexpr std::array<std::pair<AuthScheme, const char*>, 5> auth_words = {
    {{AuthScheme::bearer, "bearer"},
     {AuthScheme::x_api_key, "x-api-key"},
     {AuthScheme::x_goog_api_key, "x-goog-api-key"},
     {AuthScheme::api_key, "api-key"},
     {AuthScheme::none, "none"}}};

std::string hex_of(const std::array<std::uint8_t, 32>& bytes) { return to_hex(bytes); }

bool read_hex(std::string_view text, std::array<std::uint8_t, 32>& into) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (text.size() != into.size() * 2) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const auto high = digits.find(text[2 * i]), low = digits.find(text[2 * i + 1]);
    if (high == digits.npos || low == digits.npos) return false;
    into[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

// --- Writing ---

Json to_json(const KeyRecord& key) {
  Json out = Json::object();
  out["id"] = key.id;
  out["name"] = key.name;
  out["project"] = key.project;
  out["hint"] = key.hint;
  out["hmac"] = hex_of(key.hmac);
  out["created"] = format_rfc3339(key.created);
  out["revoked"] = key.revoked ? Json(format_rfc3339(*key.revoked)) : Json(nullptr);
  out["run"] = nullptr;
  if (key.run) out["run"] = Json::object({{"started", format_rfc3339(key.run->started)}});
  write_limits(out, key.limits);
  return out;
}

Json to_json(const ProviderRecord& provider) {
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
  out["ca_file"] = provider.ca_file;
  out["proxy"] = provider.proxy;
  out["enabled"] = provider.enabled;
  out["priority"] = provider.priority;
  out["weight"] = provider.weight;
  out["created"] = format_rfc3339(provider.created);
  return out;
}

Json to_json(const Settings& settings) {
  Json out = Json::object();
  out["failover_switches"] = settings.failover_switches;
  out["connect_timeout_ms"] = settings.connect_timeout.count();
  out["first_byte_timeout_ms"] = settings.first_byte_timeout.count();
  out["idle_timeout_ms"] = settings.idle_timeout.count();
  out["total_timeout_ms"] = settings.total_timeout.count();
  out["keepalive_after_ms"] = settings.keepalive_after.count();
  out["head_deadline_ms"] = settings.head_deadline.count();
  out["commit_wait_ms"] = settings.commit_wait.count();
  out["websocket"] = settings.websocket;
  out["max_body"] = settings.max_body;
  out["retention_days"] = settings.retention_days;
  out["retention_bytes"] = settings.retention_bytes;
  return out;
}

// --- Reading ---

void read(JsonFields in, KeyRecord& key) {
  in.read("id", key.id);
  in.read("name", key.name);
  in.read("project", key.project);
  in.read("hint", key.hint);
  std::string hmac;
  in.read("hmac", hmac);
  if (!read_hex(hmac, key.hmac)) in.note("hmac", "is not 64 hexadecimal digits");
  in.read("created", key.created);
  in.read("revoked", key.revoked);
  if (in.has("run")) in.part("run").read("started", key.run.emplace().started);
  read_limits(in, key.limits);
  if (key.id.empty() || key.name.empty()) in.note("id", "and name must be there");
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

void read(JsonFields in, ProviderRecord& provider) {
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
  in.read("ca_file", provider.ca_file);
  in.read("proxy", provider.proxy);
  in.read("enabled", provider.enabled);
  in.read("priority", provider.priority);
  in.read("weight", provider.weight);
  in.read("created", provider.created);
  if (provider.id.empty() || provider.endpoints.empty())
    in.note("id", "and endpoints must be there");
}

void read(JsonFields in, Settings& settings) {
  in.read("failover_switches", settings.failover_switches);
  in.read_millis("connect_timeout_ms", settings.connect_timeout);
  in.read_millis("first_byte_timeout_ms", settings.first_byte_timeout);
  in.read_millis("idle_timeout_ms", settings.idle_timeout);
  in.read_millis("total_timeout_ms", settings.total_timeout);
  in.read_millis("keepalive_after_ms", settings.keepalive_after);
  in.read_millis("head_deadline_ms", settings.head_deadline);
  in.read_millis("commit_wait_ms", settings.commit_wait);
  in.read("websocket", settings.websocket);
  in.read("max_body", settings.max_body);
  in.read("retention_days", settings.retention_days);
  in.read("retention_bytes", settings.retention_bytes);
}

Json small_records(const ControlData& data, Json out) {
  out["projects"] = Json::array();
  for (const auto& project : data.projects) {
    Json entry = Json::object();
    entry["name"] = project.name;
    entry["created"] = format_rfc3339(project.created);
    write_limits(entry, project.limits);
    out["projects"].push_back(std::move(entry));
  }
  out["aliases"] = Json::object();
  for (const auto& alias : data.aliases) out["aliases"][alias.name] = alias.model;
  out["prices"] = Json::object();
  for (const auto& price : data.prices) out["prices"][price.model] = price.price_json;
  out["fallbacks"] = Json::object();
  for (const auto& fallback : data.fallbacks) out["fallbacks"][fallback.model] = fallback.chain;
  return out;
}

void read_small_records(JsonFields& in, ControlData& data) {
  for (const auto& entry : in.list("projects")) {
    JsonFields fields = in.entry(entry, "projects");
    auto& project = data.projects.emplace_back();
    fields.read("name", project.name);
    fields.read("created", project.created);
    read_limits(fields, project.limits);
  }
  for (const auto& [name, model] : in.object("aliases").items()) {
    if (!model.is_string()) return in.note("aliases", "holds something that is no text");
    data.aliases.push_back({name, model.get<std::string>()});
  }
  for (const auto& [model, price] : in.object("prices").items()) {
    if (!price.is_string()) return in.note("prices", "holds something that is no text");
    data.prices.push_back({model, price.get<std::string>()});
  }
  JsonFields fields = in.part("fallbacks");
  for (const auto& [model, chain] : in.object("fallbacks").items()) {
    data.fallbacks.push_back({model, {}});
    fields.read(model.c_str(), data.fallbacks.back().chain);
  }
}

Status check_version(JsonFields& in) {
  int version = 0;
  in.read("version", version);
  if (version > control_version)
    return fail(ErrorKind::conflict,
                "it has version " + std::to_string(version) +
                    ", this routerone knows versions up to " + std::to_string(control_version),
                "run the newer routerone");
  if (version < 1) return fail(ErrorKind::invalid, "it has no version");
  return {};
}

}  // namespace

Json control_to_json(const ControlData& data) {
  Json out = Json::object();
  out["version"] = control_version;
  out["keys"] = Json::array();
  for (const auto& key : data.keys) out["keys"].push_back(to_json(key));
  out["providers"] = Json::array();
  for (const auto& provider : data.providers) out["providers"].push_back(to_json(provider));
  out = small_records(data, std::move(out));
  out["wallet"] = wallet_to_json(data.wallet);
  out["settings"] = to_json(data.settings);
  return out;
}

Result<ControlData> control_from_json(const Json& json) {
  std::string problem;
  JsonFields in(json, "", problem);
  if (problem.empty()) TRY_STATUS(check_version(in));
  ControlData data;
  for (const auto& entry : in.list("keys")) read(in.entry(entry, "keys"), data.keys.emplace_back());
  for (const auto& entry : in.list("providers"))
    read(in.entry(entry, "providers"), data.providers.emplace_back());
  read_small_records(in, data);
  read_wallet(in.part("wallet"), data.wallet);
  read(in.part("settings"), data.settings);
  if (!problem.empty()) return fail(ErrorKind::invalid, problem);
  return data;
}

}  // namespace routerone::store
