#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/ids.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/nouns.h"
#include "daemon/control/words.h"

namespace routerone::control {
namespace {

constexpr std::size_t hint_length = 10;

std::string state_of(const KeyRecord& key, WallTime now) {
  if (key.revoked) return "revoked";
  return key.limits.expires && *key.limits.expires <= now ? "expired" : "active";
}

/// What is shown of a key: never the key, never its HMAC.
Json view(const KeyRecord& key, Desk desk) {
  const auto time = [](const std::optional<WallTime>& at) {
    return at ? Json(format_rfc3339(*at)) : Json(nullptr);
  };
  const auto settled = desk.services.traces.settled();
  const auto spent = settled.find("key:" + key.id);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["name"] = key.name;
  out["id"] = key.id;
  out["project"] = key.project;
  out["hint"] = key.hint;
  out["state"] = state_of(key, desk.services.clock.wall());
  out["models"] = key.limits.models;
  out["providers"] = key.limits.providers;
  out["created"] = format_rfc3339(key.created);
  out["expires"] = time(key.limits.expires);
  out["revoked"] = time(key.revoked);
  out["spent_usd"] = format_usd(spent == settled.end() ? Money{} : spent->second);
  return out;
}

std::vector<std::string> live_names(const std::vector<KeyRecord>& keys) {
  std::vector<std::string> names;
  for (const KeyRecord& key : keys)
    if (!key.revoked) names.push_back(key.name);
  return names;
}

tl::unexpected<Error> no_such_key(const std::vector<KeyRecord>& keys, const std::string& name) {
  return fail(ErrorKind::not_found, fmt::format("there is no key \"{}\"", printable(name, 64)),
              suggestion(name, live_names(keys), "routerone keys list"));
}

template <class Keys>
auto find_live(Keys& keys, const std::string& name) -> decltype(&keys.front()) {
  for (auto& key : keys)
    if (!key.revoked && (key.name == name || key.id == name)) return &key;
  return nullptr;
}

/// A live key by name or id, else the latest revoked one: traces still speak of it.
const KeyRecord* find_any(const std::vector<KeyRecord>& keys, const std::string& name) {
  if (const KeyRecord* live = find_live(keys, name)) return live;
  const KeyRecord* latest = nullptr;
  for (const KeyRecord& key : keys) {
    if (key.name != name && key.id != name) continue;
    if (!latest || *latest->revoked < *key.revoked) latest = &key;
  }
  return latest;
}

Result<std::optional<WallTime>> read_expiry(const std::string& text, WallTime now) {
  if (text == "never") return std::optional<WallTime>();
  std::optional<WallTime> at;
  if (const auto span = parse_duration(text)) at = now + *span;
  if (const auto moment = parse_rfc3339(text)) at = *moment;
  if (const auto day = parse_rfc3339(text + "T00:00:00Z")) at = *day;
  if (!at)
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is not a time", printable(text, 40)),
                "write --expires 30d, 2026-12-31, an RFC 3339 time, or never");
  if (*at <= now)
    return fail(ErrorKind::invalid, fmt::format("{} is already past", format_rfc3339(*at)),
                "to stop a key now: routerone keys revoke NAME");
  return at;
}

bool says_all(const Strings& list) { return list.size() == 1 && list.front() == "*"; }

Status check_globs(const Strings& globs) {
  for (const std::string& glob : globs) {
    if (glob.empty() || glob.size() > 128 || printable(glob) != glob)
      return fail(ErrorKind::invalid,
                  fmt::format("\"{}\" is not a model or a pattern of models", printable(glob, 64)));
  }
  return {};
}

/// A typing error here would lock the key out of everything, and nobody would see why.
Status check_providers(const Strings& ids, const ControlData& data, const Services& services) {
  std::vector<std::string> known;
  for (const ProviderRecord& provider : data.providers) known.push_back(provider.id);
  for (const auto& built_in : services.built_in) known.push_back(built_in.record.id);
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) == known.end())
      return fail(ErrorKind::not_found,
                  fmt::format("there is no provider \"{}\"", printable(id, 64)),
                  suggestion(id, known, "routerone providers list"));
  }
  return {};
}

Status check_project(const std::string& project, const ControlData& data) {
  std::vector<std::string> names;
  for (const ProjectRecord& record : data.projects) names.push_back(record.name);
  if (project == "default" || std::find(names.begin(), names.end(), project) != names.end())
    return {};
  if (names.empty()) names.emplace_back("default");
  return fail(ErrorKind::not_found,
              fmt::format("there is no project \"{}\"", printable(project, 64)),
              fmt::format("projects there are: {}", fmt::join(names, ", ")));
}

Status apply(KeyRecord& key, const KeyWish& wish, const ControlData& data, Desk desk) {
  if (wish.project) {
    TRY_STATUS(check_project(*wish.project, data));
    key.project = *wish.project;
  }
  if (wish.models) {
    TRY_STATUS(check_globs(*wish.models));
    key.limits.models = says_all(*wish.models) ? Strings() : *wish.models;
  }
  if (wish.providers) {
    key.limits.providers = says_all(*wish.providers) ? Strings() : *wish.providers;
    TRY_STATUS(check_providers(key.limits.providers, data, desk.services));
  }
  if (wish.expires) {
    TRY(key.limits.expires, read_expiry(*wish.expires, desk.services.clock.wall()));
  }
  return {};
}

/// Gives the record a new key; its text is returned this once and kept nowhere.
Secret mint(KeyRecord& key, Desk desk) {
  Secret secret = auth::make_key(desk.services.random);
  key.hmac = auth::key_hmac(desk.state.pepper(), secret.reveal());
  key.hint = std::string(secret.reveal().substr(0, hint_length));
  return secret;
}

Json with_key(const KeyRecord& key, const Secret& secret, Desk desk) {
  Json out = view(key, desk);
  out["key"] = secret.reveal();
  return out;
}

Result<Json> create(Desk desk, const Json& body) {
  TRY(const auto wish, read<KeyWish>(body));
  TRY_STATUS(check_name("key", wish.name));
  KeyRecord key;
  Secret secret;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    if (find_live(draft.data.keys, wish.name))
      return fail(ErrorKind::conflict, fmt::format("there is a key \"{}\" already", wish.name),
                  fmt::format("choose another name, or: routerone keys rotate {}", wish.name));
    key.id = make_uuid_v7(desk.services.clock.wall(), desk.services.random);
    key.name = wish.name;
    key.created = desk.services.clock.wall();
    TRY_STATUS(apply(key, wish, draft.data, desk));
    secret = mint(key, desk);
    draft.data.keys.push_back(key);
    return {};
  }));
  return with_key(key, secret, desk);
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const bool all, read_all(body));
  const auto snapshot = desk.state.snapshot();
  Json out = Json::array();
  for (const KeyRecord& key : snapshot->data.keys)
    if (all || !key.revoked) out.push_back(view(key, desk));
  return out;
}

Result<Json> show(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  const auto snapshot = desk.state.snapshot();
  const KeyRecord* key = find_any(snapshot->data.keys, name);
  if (!key) return no_such_key(snapshot->data.keys, name);
  return view(*key, desk);
}

/// Changes the live key `name`; the record as it then is.
Result<KeyRecord> edit(Desk desk, const std::string& name,
                       const std::function<Status(KeyRecord&, const ControlData&)>& how) {
  KeyRecord after;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    KeyRecord* key = find_live(draft.data.keys, name);
    if (!key) return no_such_key(draft.data.keys, name);
    TRY_STATUS(how(*key, draft.data));
    after = *key;
    return {};
  }));
  return after;
}

Result<Json> update(Desk desk, const Json& body) {
  TRY(const auto wish, read<KeyWish>(body));
  TRY(const auto key, edit(desk, wish.name, [&](KeyRecord& record, const ControlData& data) {
        return apply(record, wish, data, desk);
      }));
  return view(key, desk);
}

Result<Json> rotate(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  Secret secret;
  TRY(const auto key, edit(desk, name, [&](KeyRecord& record, const ControlData&) -> Status {
        secret = mint(record, desk);
        return {};
      }));
  return with_key(key, secret, desk);
}

Result<Json> revoke(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  TRY(const auto key, edit(desk, name, [&](KeyRecord& record, const ControlData&) -> Status {
        record.revoked = desk.services.clock.wall();
        return {};
      }));
  return view(key, desk);
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
