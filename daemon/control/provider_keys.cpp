#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/credentials.h"
#include "daemon/control/nouns.h"
#include "daemon/control/provider_find.h"
#include "daemon/control/provider_view.h"
#include "daemon/control/words.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {
namespace {

/// By this name users speak of the one that `providers add` took.
constexpr const char* first_name = "first";

auto find_key(std::vector<CredentialRecord>& keys, const std::string& name) {
  return std::find_if(keys.begin(), keys.end(),
                      [&](const CredentialRecord& one) { return one.name == name; });
}

tl::unexpected<Error> no_such_key(const ProviderRecord& record, const std::string& name) {
  std::vector<std::string> names;
  for (const CredentialRecord& more : record.more_keys) names.push_back(more.name);
  return fail(ErrorKind::not_found,
              fmt::format("{} has no further key \"{}\"", record.id, printable(name, 64)),
              suggestion(name, names, fmt::format("routerone providers keys list {}", record.id)));
}

/// `2`, `3`, ..: the first is 1, and nobody has to think of a name.
std::string next_name(std::vector<CredentialRecord>& keys) {
  for (int number = 2;; ++number)
    if (find_key(keys, std::to_string(number)) == keys.end()) return std::to_string(number);
}

Status check_key_name(const ProviderRecord& record, const std::string& name) {
  TRY_STATUS(check_name("key", name));
  // A file system may know no capitals, and its secret's file is named by it.
  if (lower(name) != name || name == first_name)
    return fail(
        ErrorKind::invalid, fmt::format("a further key cannot be called \"{}\"", name),
        name == first_name
            ? fmt::format("to change the first: routerone providers update {} --key-from ..",
                          record.id)
            : "use lower-case letters, digits and . _ -");
  return {};
}

Status refuse_same_key(const State::Draft& draft, const ProviderRecord& record,
                       const Secret& secret) {
  const auto same = [&](const std::string& account) {
    const auto found = draft.credentials.find(routing::credential_name(record.id, account));
    return found != draft.credentials.end() && found->second->reveal() == secret.reveal();
  };
  std::string other = same({}) ? first_name : "";
  for (const CredentialRecord& more : record.more_keys)
    if (same(more.name)) other = more.name;
  if (other.empty()) return {};
  return fail(ErrorKind::conflict, fmt::format("{} has that key already, as {}", record.id, other),
              "keys of one account share its limits; another account's key is needed");
}

/// The secret that a wish brings. invalid: none.
Result<Secret> secret_of(const CredentialWish& wish) {
  TRY(std::optional<Secret> secret, credential_of(wish.key, wish.key_from));
  if (secret) return *std::move(secret);
  return fail(ErrorKind::invalid, "a key is needed",
              "--key-from env:VAR, file:PATH, cmd:'..', prompt or - (stdin)");
}

Result<Json> shown(const std::string& provider, const std::string& name, Desk desk) {
  const auto snapshot = desk.state.snapshot();
  const ProviderRecord* record = find_added(snapshot->data.providers, provider);
  if (!record) return no_such_provider(provider, snapshot->data, desk);
  for (Json& row : credentials_json(*record, desk))
    if (row["name"] == name) return row;
  return fail(ErrorKind::not_found, "it was taken away meanwhile");
}

Result<Json> add(Desk desk, const Json& body) {
  TRY(auto wish, read<CredentialWish>(body));
  TRY_STATUS(refuse_built_in(wish.provider, desk));
  TRY(const Secret secret, secret_of(wish));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    ProviderRecord* record = find_added(draft.data.providers, wish.provider);
    if (!record) return no_such_provider(wish.provider, draft.data, desk);
    if (record->auth == AuthScheme::none)
      return fail(
          ErrorKind::invalid, fmt::format("{} takes no key: its auth is none", record->id),
          fmt::format("routerone providers update {} --auth bearer --key-from ..", record->id));
    if (wish.name.empty()) wish.name = next_name(record->more_keys);
    TRY_STATUS(check_key_name(*record, wish.name));
    if (find_key(record->more_keys, wish.name) != record->more_keys.end())
      return fail(ErrorKind::conflict,
                  fmt::format("{} has a key {} already", record->id, wish.name),
                  fmt::format("routerone providers update {} --key {} --key-from ..", record->id,
                              wish.name));
    TRY_STATUS(refuse_same_key(draft, *record, secret));
    record->more_keys.push_back({wish.name, wish.key_from, desk.services.clock.wall()});
    draft.credentials[routing::credential_name(record->id, wish.name)] =
        std::make_shared<const Secret>(secret);
    return {};
  }));
  return shown(wish.provider, wish.name, desk);
}

Result<Json> update(Desk desk, const Json& body) {
  TRY(const auto wish, read<CredentialWish>(body));
  TRY_STATUS(refuse_built_in(wish.provider, desk));
  TRY(const Secret secret, secret_of(wish));
  const std::string name = routing::credential_name(wish.provider, wish.name);
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    ProviderRecord* record = find_added(draft.data.providers, wish.provider);
    if (!record) return no_such_provider(wish.provider, draft.data, desk);
    const auto found = find_key(record->more_keys, wish.name);
    if (found == record->more_keys.end()) return no_such_key(*record, wish.name);
    found->key_from = wish.key_from;
    draft.credentials[name] = std::make_shared<const Secret>(secret);
    return {};
  }));
  desk.services.health.reset(name);
  return shown(wish.provider, wish.name, desk);
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const std::string id, read_name(body));
  const auto snapshot = desk.state.snapshot();
  if (find_built_in(id, desk)) return Json::array();
  if (const ProviderRecord* record = find_added(snapshot->data.providers, id))
    return credentials_json(*record, desk);
  return no_such_provider(id, snapshot->data, desk);
}

Result<Json> remove(Desk desk, const Json& body) {
  TRY(const auto wish, read<CredentialWish>(body));
  TRY_STATUS(refuse_built_in(wish.provider, desk));
  const std::string name = routing::credential_name(wish.provider, wish.name);
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    ProviderRecord* record = find_added(draft.data.providers, wish.provider);
    if (!record) return no_such_provider(wish.provider, draft.data, desk);
    if (wish.name == first_name)
      return fail(ErrorKind::invalid,
                  fmt::format("the first key of {} can be replaced, not removed", record->id),
                  fmt::format("routerone providers update {} --key-from ..", record->id));
    const auto found = find_key(record->more_keys, wish.name);
    if (found == record->more_keys.end()) return no_such_key(*record, wish.name);
    record->more_keys.erase(found);
    draft.credentials.erase(name);
    return {};
  }));
  desk.services.health.reset(name);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["provider"] = wish.provider;
  out["name"] = wish.name;
  out["removed"] = true;
  return out;
}

}  // namespace

void add_provider_keys(Router& router, Desk desk) {
  router.on(path::credential_add, [desk](const Json& body) { return add(desk, body); });
  router.on(path::credential_list, [desk](const Json& body) { return list(desk, body); });
  router.on(path::credential_update, [desk](const Json& body) { return update(desk, body); });
  router.on(path::credential_remove, [desk](const Json& body) { return remove(desk, body); });
}

}  // namespace routerone::control
