#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/credentials.h"
#include "daemon/control/nouns.h"
#include "daemon/control/provider_record.h"
#include "daemon/control/provider_trial.h"
#include "daemon/control/words.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {
namespace {

Json pairs_view(const auto& pairs) {
  Json out = Json::object();
  for (const auto& [name, value] : pairs) out[std::string(name)] = value;
  return out;
}

/// Would a key go over a network in the clear?
bool is_exposed(const Endpoint& endpoint) {
  const bool loopback =
      endpoint.host == "localhost" || endpoint.host == "::1" || endpoint.host.starts_with("127.");
  return !endpoint.tls && !loopback && endpoint.auth != AuthScheme::none;
}

Json warnings_of(const ProviderRecord& record, bool has_key, Desk desk) {
  Json out = Json::array();
  for (const EndpointRecord& where : record.endpoints) {
    if (const auto slip = slip_of(record, where, desk.state.catalog())) out.push_back(*slip);
    const auto endpoint = routing::make_endpoint(record, where, nullptr);
    if (endpoint && is_exposed(*endpoint))
      out.push_back(fmt::format("its key travels to {} unencrypted", endpoint->host));
  }
  if (record.auth != AuthScheme::none && !has_key)
    out.push_back("its key could not be read; give it again with --key-from");
  return out;
}

/// Of a provider that was added. The credential is never shown, only where it came from.
Json view(const ProviderRecord& record, bool has_key, bool built_in, Desk desk) {
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = record.id;
  out["added"] = true;
  out["enabled"] = record.enabled;
  out["built_in"] = built_in;
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
  out["ca_file"] = record.ca_file.empty() ? Json(nullptr) : Json(record.ca_file);
  out["proxy"] = record.proxy.empty() ? Json(nullptr) : Json(record.proxy);
  out["key_from"] = record.key_from.empty() ? Json(nullptr) : Json(record.key_from);
  out["has_key"] = has_key;
  out["created"] = built_in ? Json(nullptr) : Json(format_rfc3339(record.created));
  out["warnings"] = built_in ? Json::array() : warnings_of(record, has_key, desk);
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

/// Of a provider of the catalog, before it is added.
Json offer_view(const catalog::Provider& provider) {
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
  const std::string reason = unsupported_reason(provider);
  out["unsupported"] = reason.empty() ? Json(nullptr) : Json(reason);
  return out;
}

Result<Json> describe(Desk desk, const Json& body) {
  TRY(const std::string id, read_name(body));
  if (const catalog::Provider* known = desk.state.catalog().provider(id)) return offer_view(*known);
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

const routing::BuiltIn* find_built_in(const std::string& id, Desk desk) {
  for (const auto& built_in : desk.services.built_in)
    if (built_in.record.id == id) return &built_in;
  return nullptr;
}

template <class Providers>
auto find_added(Providers& providers, const std::string& id) -> decltype(&providers.front()) {
  for (auto& provider : providers)
    if (provider.id == id) return &provider;
  return nullptr;
}

tl::unexpected<Error> no_such_provider(const std::string& id, const ControlData& data, Desk desk) {
  std::vector<std::string> ids;
  for (const ProviderRecord& provider : data.providers) ids.push_back(provider.id);
  const bool known = desk.state.catalog().provider(id) != nullptr;
  return fail(ErrorKind::not_found,
              fmt::format("no provider \"{}\" has been added", printable(id, 64)),
              known ? fmt::format("routerone providers add {}", id)
                    : suggestion(id, ids, "routerone providers list"));
}

Status refuse_built_in(const std::string& id, Desk desk) {
  if (!find_built_in(id, desk)) return {};
  return fail(ErrorKind::invalid, fmt::format("{} is built in and stays as it is", id),
              "choose another id for a provider of your own");
}

/// Records the credential of a wish beside its provider, and says when there must be one.
Status keep_credential(State::Draft& draft, const ProviderRecord& record,
                       std::optional<Secret> secret) {
  if (record.auth == AuthScheme::none) {
    draft.credentials.erase(record.id);
    return {};
  }
  if (secret) {
    draft.credentials[record.id] = std::make_shared<const Secret>(*std::move(secret));
    return {};
  }
  if (draft.credentials.contains(record.id)) return {};
  return fail(ErrorKind::invalid, fmt::format("{} needs its key", record.id),
              "--key-from env:VAR, file:PATH, cmd:'..', prompt or - (stdin); or --auth none");
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
    return view(*record, desk.state.credentials().contains(id), false, desk);
  if (const routing::BuiltIn* built_in = find_built_in(id, desk))
    return view(built_in->record, false, true, desk);
  return no_such_provider(id, snapshot->data, desk);
}

Result<Json> add(Desk desk, const Json& body) {
  TRY(const auto wish, read<ProviderWish>(body));
  TRY_STATUS(refuse_built_in(wish.id, desk));
  TRY(const ProviderRecord record, make_provider(wish, desk));
  TRY_STATUS(check_endpoints(record));
  TRY(std::optional<Secret> secret, credential_of(wish));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    if (find_added(draft.data.providers, record.id))
      return fail(ErrorKind::conflict, fmt::format("{} has been added already", record.id),
                  fmt::format("routerone providers update {} ..", record.id));
    draft.data.providers.push_back(record);
    return keep_credential(draft, record, std::move(secret));
  }));
  return shown(record.id, desk);
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const bool all, read_all(body));
  const auto snapshot = desk.state.snapshot();
  const auto credentials = desk.state.credentials();
  Json out = Json::array();
  for (const ProviderRecord& record : snapshot->data.providers)
    out.push_back(view(record, credentials.contains(record.id), false, desk));
  for (const auto& built_in : desk.services.built_in)
    out.push_back(view(built_in.record, false, true, desk));
  if (!all) return out;
  for (const catalog::Provider& provider : desk.state.catalog().providers())
    if (!find_added(snapshot->data.providers, std::string(provider.id)))
      out.push_back(offer_view(provider));
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
  std::shared_ptr<const Secret> credential;
  if (const routing::BuiltIn* built_in = find_built_in(wish.id, desk)) {
    record = &built_in->record;
    credential = built_in->credential;
  } else if (!record) {
    return no_such_provider(wish.id, snapshot->data, desk);
  } else {
    const auto credentials = desk.state.credentials();
    const auto found = credentials.find(wish.id);
    if (found != credentials.end()) credential = found->second;
  }
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = wish.id;
  out.update(try_provider(*record, credential, wish.model, desk));
  return out;
}

Result<Json> update(Desk desk, const Json& body) {
  TRY(const auto wish, read<ProviderWish>(body));
  TRY_STATUS(refuse_built_in(wish.id, desk));
  TRY(std::optional<Secret> secret, credential_of(wish));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    ProviderRecord* record = find_added(draft.data.providers, wish.id);
    if (!record) return no_such_provider(wish.id, draft.data, desk);
    TRY_STATUS(update_provider(*record, wish, desk));
    TRY_STATUS(check_endpoints(*record));
    return keep_credential(draft, *record, std::move(secret));
  }));
  return shown(wish.id, desk);
}

Result<Json> remove(Desk desk, const Json& body) {
  TRY(const std::string id, read_name(body));
  TRY_STATUS(refuse_built_in(id, desk));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    if (!find_added(draft.data.providers, id)) return no_such_provider(id, draft.data, desk);
    std::erase_if(draft.data.providers, [&](const ProviderRecord& one) { return one.id == id; });
    draft.credentials.erase(id);
    return {};
  }));
  Json out = Json::object();
  out["schema"] = schema_version;
  out["id"] = id;
  out["removed"] = true;
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
}

}  // namespace routerone::control
