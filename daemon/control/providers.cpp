#include <fmt/format.h>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "daemon/control/credentials.h"
#include "daemon/control/nouns.h"
#include "daemon/control/provider_find.h"
#include "daemon/control/provider_record.h"
#include "daemon/control/provider_trial.h"
#include "daemon/control/provider_view.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {
namespace {

Result<Json> describe(Desk desk, const Json& body) {
  TRY(const std::string id, read_name(body));
  if (const catalog::Provider* known = desk.state.catalog().provider(id)) return offer_json(*known);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = id;
  out["added"] = false;
  out["known"] = false;
  out["env"] = Json::array();
  out["variables"] = Json::array();
  out["unsupported"] = nullptr;
  return out;
}

/// Records the credential of a wish beside its provider, and says when there must be one.
Status keep_credential(State::Draft& draft, ProviderRecord& record, std::optional<Secret> secret) {
  if (record.auth == AuthScheme::none) {
    forget_credentials(draft, record);
    record.more_keys.clear();
    return {};
  }
  if (secret) {
    draft.credentials[record.id] = std::make_shared<const Secret>(*std::move(secret));
    return {};
  }
  if (has_credential(draft.credentials, record)) return {};
  return fail(ErrorKind::invalid, fmt::format("{} needs its key", record.id),
              "--key-from env:VAR, file:PATH, cmd:'..', prompt or - (stdin); or --auth none");
}

/// A login is for the proxy it was given for; no other is told it.
Status keep_proxy_login(State::Draft& draft, const ProviderRecord& record,
                        const std::string& proxy_before, const std::optional<Secret>& login) {
  const std::string name = routing::proxy_login_name(record.id);
  if (record.proxy != proxy_before || (login && login->reveal().empty()))
    draft.credentials.erase(name);
  if (!login || login->reveal().empty()) return {};
  if (record.proxy.empty())
    return fail(ErrorKind::invalid, fmt::format("{} has no proxy to log in to", record.id),
                "say which with --proxy URL");
  TRY_STATUS(check_proxy_login(*login));
  draft.credentials[name] = std::make_shared<const Secret>(*login);
  return {};
}

/// Does it change how the provider is reached, so that what is known of its health is of the past?
bool reaches_anew(const ProviderWish& wish) {
  return wish.base_url || wish.dialect || wish.auth || wish.headers || !wish.variables.empty() ||
         wish.ca_file || wish.proxy || wish.proxy_login || wish.key_from || wish.key;
}

/// Refuses now what could only fail at every request later.
Status check_endpoints(const ProviderRecord& record) {
  for (const EndpointRecord& endpoint : record.endpoints) {
    TRY([[maybe_unused]] const Endpoint made, routing::make_endpoint(record, endpoint, nullptr));
  }
  return {};
}

Result<Json> shown(const std::string& id, Desk desk) {
  const auto snapshot = desk.state.snapshot();
  if (const ProviderRecord* record = find_added(snapshot->data.providers, id))
    return with_targets(provider_json(*record, desk), *record, desk);
  if (const routing::BuiltIn* built_in = find_built_in(id, desk))
    return with_targets(built_in_json(built_in->record, desk), built_in->record, desk);
  return no_such_provider(id, snapshot->data, desk);
}

Result<Json> add(Desk desk, const Json& body) {
  TRY(const auto wish, read<ProviderWish>(body));
  TRY_STATUS(refuse_built_in(wish.id, desk));
  TRY(ProviderRecord record, make_provider(wish, desk));
  TRY_STATUS(check_endpoints(record));
  TRY(std::optional<Secret> secret, credential_of(wish.key, wish.key_from.value_or("")));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    if (find_added(draft.data.providers, record.id))
      return fail(ErrorKind::conflict, fmt::format("{} has been added already", record.id),
                  fmt::format("routerone providers update {} ..", record.id));
    TRY_STATUS(keep_credential(draft, record, std::move(secret)));
    TRY_STATUS(keep_proxy_login(draft, record, record.proxy, wish.proxy_login));
    draft.data.providers.push_back(record);
    return {};
  }));
  return shown(record.id, desk);
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const bool all, read_all(body));
  const auto snapshot = desk.state.snapshot();
  Json out = Json::array();
  for (const ProviderRecord& record : snapshot->data.providers)
    out.push_back(provider_json(record, desk));
  for (const auto& built_in : desk.services.built_in)
    out.push_back(built_in_json(built_in.record, desk));
  if (!all) return out;
  for (const catalog::Provider& provider : desk.state.catalog().providers())
    if (!find_added(snapshot->data.providers, std::string(provider.id)))
      out.push_back(offer_json(provider));
  return out;
}

Result<Json> show(Desk desk, const Json& body) {
  TRY(const std::string id, read_name(body));
  return shown(id, desk);
}

Result<Json> test(Desk desk, const Json& body) {
  TRY(const auto wish, read<ProviderTestWish>(body));
  const auto snapshot = desk.state.snapshot();
  const ProviderRecord* record = find_added(snapshot->data.providers, wish.id);
  routing::Credentials credentials = desk.state.credentials();
  if (const routing::BuiltIn* built_in = find_built_in(wish.id, desk)) {
    record = &built_in->record;
    if (built_in->credential) credentials[wish.id] = built_in->credential;
  }
  if (!record) return no_such_provider(wish.id, snapshot->data, desk);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = wish.id;
  out.update(try_provider(*record, credentials, wish.model, desk));
  return out;
}

Result<Json> update(Desk desk, const Json& body) {
  TRY(const auto wish, read<ProviderWish>(body));
  TRY_STATUS(refuse_built_in(wish.id, desk));
  TRY(std::optional<Secret> secret, credential_of(wish.key, wish.key_from.value_or("")));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    ProviderRecord* record = find_added(draft.data.providers, wish.id);
    if (!record) return no_such_provider(wish.id, draft.data, desk);
    const std::string proxy_before = record->proxy;
    TRY_STATUS(update_provider(*record, wish, desk));
    TRY_STATUS(check_endpoints(*record));
    TRY_STATUS(keep_proxy_login(draft, *record, proxy_before, wish.proxy_login));
    return keep_credential(draft, *record, std::move(secret));
  }));
  if (reaches_anew(wish)) desk.services.health.reset(wish.id);
  return shown(wish.id, desk);
}

Result<Json> remove(Desk desk, const Json& body) {
  TRY(const std::string id, read_name(body));
  TRY_STATUS(refuse_built_in(id, desk));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    const ProviderRecord* record = find_added(draft.data.providers, id);
    if (!record) return no_such_provider(id, draft.data, desk);
    forget_credentials(draft, *record);
    draft.credentials.erase(routing::proxy_login_name(id));
    std::erase_if(draft.data.providers, [&](const ProviderRecord& one) { return one.id == id; });
    return {};
  }));
  desk.services.health.reset(id);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = id;
  out["removed"] = true;
  return out;
}

/// What kept its targets back is forgotten: the next request may go there.
Result<Json> reset(Desk desk, const Json& body) {
  TRY(const std::string id, read_name(body));
  TRY([[maybe_unused]] const Json known, shown(id, desk));
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = id;
  out["targets"] = desk.services.health.of_provider(id).size();
  desk.services.health.reset(id);
  return out;
}

}  // namespace

void add_providers(Router& router, Desk desk) {
  router.on(path::provider_describe, [desk](const Json& body) { return describe(desk, body); });
  router.on(path::provider_add, [desk](const Json& body) { return add(desk, body); });
  router.on(path::provider_list, [desk](const Json& body) { return list(desk, body); });
  router.on(path::provider_show, [desk](const Json& body) { return show(desk, body); });
  router.on(path::provider_test, [desk](const Json& body) { return test(desk, body); });
  router.on(path::provider_update, [desk](const Json& body) { return update(desk, body); });
  router.on(path::provider_remove, [desk](const Json& body) { return remove(desk, body); });
  router.on(path::provider_reset, [desk](const Json& body) { return reset(desk, body); });
}

}  // namespace routerone::control
