#include "daemon/store/control_json.h"

#include "common/json/json.h"
#include "daemon/store/json_fields.h"
#include "daemon/store/limits_json.h"
#include "daemon/store/provider_json.h"
#include "daemon/store/routing_json.h"

namespace routerone::store {
namespace {

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
  out["weights"] = weights_to_json(key.weights);
  return out;
}

Json to_json(const Settings& settings) {
  Json out = Json::object();
  out["weights"] = weights_to_json(settings.weights);
  out["failover_switches"] = settings.failover_switches;
  out["connect_timeout_ms"] = settings.connect_timeout.count();
  out["first_byte_floor_ms"] = settings.first_byte_floor.count();
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
  read_weights(in, key.weights);
  if (key.id.empty() || key.name.empty()) in.note("id", "and name must be there");
}

void read(JsonFields in, Settings& settings) {
  std::optional<RouteWeights> weights;
  read_weights(in, weights);
  settings.weights = weights.value_or(settings.weights);
  in.read("failover_switches", settings.failover_switches);
  in.read_millis("connect_timeout_ms", settings.connect_timeout);
  read_first_byte(in, "first_byte_floor_ms", settings.first_byte_floor);
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
    entry["routing"] = routing_to_json(project.routing);
    out["projects"].push_back(std::move(entry));
  }
  out["aliases"] = Json::object();
  for (const auto& alias : data.aliases) out["aliases"][alias.name] = alias.model;
  out["prices"] = Json::object();
  for (const auto& price : data.prices) out["prices"][price.model] = price.price_json;
  out["fallbacks"] = Json::object();
  for (const auto& fallback : data.fallbacks) out["fallbacks"][fallback.model] = fallback.chain;
  write_choices(out, data);
  return out;
}

void read_small_records(JsonFields& in, ControlData& data) {
  for (const auto& entry : in.list("projects")) {
    JsonFields fields = in.entry(entry, "projects");
    auto& project = data.projects.emplace_back();
    fields.read("name", project.name);
    fields.read("created", project.created);
    read_limits(fields, project.limits);
    read_routing(fields.part("routing"), project.routing);
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
  read_choices(in, data);
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
  for (const auto& provider : data.providers)
    out["providers"].push_back(provider_to_json(provider));
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
    read_provider(in.entry(entry, "providers"), data.providers.emplace_back());
  read_small_records(in, data);
  read_wallet(in.part("wallet"), data.wallet);
  read(in.part("settings"), data.settings);
  if (!problem.empty()) return fail(ErrorKind::invalid, problem);
  return data;
}

}  // namespace routerone::store
