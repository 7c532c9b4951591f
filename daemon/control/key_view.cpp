#include "daemon/control/key_view.h"

#include "common/control/contract.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/budget_view.h"
#include "daemon/control/limits.h"
#include "daemon/control/weights.h"

namespace routerone::control {
namespace {

constexpr std::size_t hint_length = 10;

std::string state_of(const KeyRecord& key, WallTime now) {
  if (key.revoked) return key.run ? "ended" : "revoked";
  return key.limits.expires && *key.limits.expires <= now ? "expired" : "active";
}

/// The name of the run around it; null: there is none, or nobody knows it any more.
Json inside_view(const KeyRecord& key, const ControlData& data) {
  const std::string_view outer = outer_key(key.id);
  for (const KeyRecord& other : data.keys) {
    if (other.id == outer) return other.name;
  }
  return nullptr;
}

}  // namespace

Json key_view(const KeyRecord& record, const ControlData& data, Desk desk) {
  KeyRecord key = record;
  Json out = Json::object();
  out["schema"] = schema_version;
  out["name"] = key.name;
  out["id"] = key.id;
  out["kind"] = key.run ? "run" : "key";
  out["inside"] = inside_view(key, data);
  out["project"] = key.project;
  out["hint"] = key.hint;
  out["state"] = state_of(key, desk.services.clock.wall());
  out["created"] = format_rfc3339(key.created);
  out["revoked"] = key.revoked ? Json(format_rfc3339(*key.revoked)) : Json(nullptr);
  add_limits(out, key.limits);
  out["weights"] = weights_view(key.weights);
  const std::string ledger = key_scope(key.id);
  const bool over = key.revoked && !key.run;
  out["budget"] = over ? Json(nullptr)
                       : budget_view({key_scope(key.name), ledger, &key.limits.spend}, data, desk);
  const auto settled = desk.services.traces.settled();  // which knows revoked ones, too
  const auto spent = settled.find(ledger);
  out["spent_usd"] = format_usd(spent == settled.end() ? Money{} : spent->second);
  return out;
}

Json key_view(const KeyRecord& key, Desk desk) {
  return key_view(key, desk.state.snapshot()->data, desk);
}

Secret mint_key(KeyRecord& key, Desk desk) {
  Secret secret = auth::make_key(desk.services.random);
  key.hmac = auth::key_hmac(desk.state.pepper(), secret.reveal());
  key.hint = std::string(secret.reveal().substr(0, hint_length));
  return secret;
}

Json view_with_key(const KeyRecord& key, const Secret& secret, Desk desk) {
  Json out = key_view(key, desk);
  out["key"] = secret.reveal();
  return out;
}

void end_key(ControlData& data, const KeyRecord& key, WallTime now) {
  const std::string id = key.id;
  for (KeyRecord& other : data.keys) {
    if (!other.revoked && (other.id == id || is_inside(other.id, id))) other.revoked = now;
  }
}

}  // namespace routerone::control
