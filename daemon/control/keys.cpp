#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/ids.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/key_view.h"
#include "daemon/control/limits.h"
#include "daemon/control/scopes.h"
#include "daemon/control/weights.h"
#include "daemon/control/words.h"
#include "daemon/routing/route_settings.h"

namespace routerone::control {
namespace {

/// A live key by name or id, else the latest revoked one: traces still speak of it.
const KeyRecord* find_any(const ControlData& data, const std::string& name) {
  if (const KeyRecord* live = live_key(data, name)) return live;
  const KeyRecord* latest = nullptr;
  for (const KeyRecord& key : data.keys) {
    if (key.name != name && key.id != name) continue;
    if (!latest || *latest->revoked < *key.revoked) latest = &key;
  }
  return latest;
}

/// Lays the wish over a key of a draft; what is worth a warning is kept.
Status apply(KeyRecord& key, const KeyWish& wish, const ControlData& data, Desk desk,
             Strings& warnings) {
  if (wish.project) {
    if (!find_project(data, *wish.project)) return no_such_project(data, *wish.project);
    if (key.run)
      return fail(ErrorKind::conflict, "a run stays in the project it was started in",
                  "end it, and start another: routerone run --project P -- CMD");
    key.project = *wish.project;
  }
  if (wish.weights) {
    const auto without =
        routing::route_settings(data.settings, find_project(data, key.project), nullptr);
    TRY_STATUS(apply_weights(key.weights, *wish.weights, without.weights));
  }
  TRY_STATUS(apply_limits(key.limits, wish.limits, data, desk.services));
  TRY(warnings, check_prices(key.limits, data, desk));
  return {};
}

Result<Json> create(Desk desk, const Json& body) {
  TRY(const auto wish, read<KeyWish>(body));
  TRY_STATUS(check_name("key", wish.name));
  KeyRecord key;
  Secret secret;
  Strings warnings;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    if (live_key(draft.data, wish.name))
      return fail(ErrorKind::conflict, fmt::format("there is a key \"{}\" already", wish.name),
                  fmt::format("choose another name, or: routerone keys rotate {}", wish.name));
    key.id = make_uuid_v7(desk.services.clock.wall(), desk.services.random);
    key.name = wish.name;
    key.created = desk.services.clock.wall();
    TRY_STATUS(apply(key, wish, draft.data, desk, warnings));
    secret = mint_key(key, desk);
    draft.data.keys.push_back(key);
    return {};
  }));
  Json out = view_with_key(key, secret, desk);
  out["warnings"] = warnings;
  return out;
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const bool all, read_all(body));
  const auto snapshot = desk.state.snapshot();
  Json out = Json::array();
  for (const KeyRecord& key : snapshot->data.keys)
    if (all || !key.revoked) out.push_back(key_view(key, snapshot->data, desk));
  return out;
}

Result<Json> show(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  const auto snapshot = desk.state.snapshot();
  const KeyRecord* key = find_any(snapshot->data, name);
  if (!key) return no_such_key(snapshot->data, name);
  return key_view(*key, snapshot->data, desk);
}

/// Changes the live key `name`; the record as it then is.
Result<KeyRecord> edit(Desk desk, const std::string& name,
                       const std::function<Status(KeyRecord&, const ControlData&)>& how) {
  KeyRecord after;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    KeyRecord* key = live_key(draft.data, name);
    if (!key) return no_such_key(draft.data, name);
    TRY_STATUS(how(*key, draft.data));
    after = *key;
    return {};
  }));
  return after;
}

Result<Json> update(Desk desk, const Json& body) {
  TRY(const auto wish, read<KeyWish>(body));
  Strings warnings;
  TRY(const auto key, edit(desk, wish.name, [&](KeyRecord& record, const ControlData& data) {
        return apply(record, wish, data, desk, warnings);
      }));
  Json out = key_view(key, desk);
  out["warnings"] = warnings;
  return out;
}

Result<Json> rotate(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  Secret secret;
  TRY(const auto key, edit(desk, name, [&](KeyRecord& record, const ControlData&) -> Status {
        secret = mint_key(record, desk);
        return {};
      }));
  return view_with_key(key, secret, desk);
}

Result<Json> revoke(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  KeyRecord after;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    const KeyRecord* key = live_key(draft.data, name);
    if (!key) return no_such_key(draft.data, name);
    end_key(draft.data, *key, desk.services.clock.wall());
    after = *key;
    return {};
  }));
  return key_view(after, desk);
}

}  // namespace

void add_keys(Router& router, Desk desk) {
  router.on(path::key_create, [desk](const Json& body) { return create(desk, body); });
  router.on(path::key_list, [desk](const Json& body) { return list(desk, body); });
  router.on(path::key_show, [desk](const Json& body) { return show(desk, body); });
  router.on(path::key_update, [desk](const Json& body) { return update(desk, body); });
  router.on(path::key_rotate, [desk](const Json& body) { return rotate(desk, body); });
  router.on(path::key_revoke, [desk](const Json& body) { return revoke(desk, body); });
}

}  // namespace routerone::control
