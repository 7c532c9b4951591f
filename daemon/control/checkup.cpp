// What the daemon finds when it looks at itself, for `doctor`: facts that its user cannot see from
// outside. Judging them is the command line's; nothing here holds a secret.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "common/control/contract.h"
#include "common/core/text.h"
#include "common/platform/files.h"
#include "daemon/control/credentials.h"
#include "daemon/control/model_names.h"
#include "daemon/control/provider_record.h"
#include "daemon/routing/endpoint.h"
#include "daemon/store/spend_floor.h"
#include "daemon/upstream/certificates.h"

namespace routerone::control {
namespace {

namespace fs = std::filesystem;

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json trouble_of(const auto& result) {
  return result ? Json(nullptr) : Json(printable(result.error().message, 400));
}

/// One question for each port, to be asked there.
Json proofs(Desk desk) {
  Json out = Json::array();
  for (const std::string& address : desk.services.status().listening) {
    const auth::Proofs::Armed armed = desk.services.proofs.arm();
    out.push_back({{"address", address}, {"question", armed.question}, {"answer", armed.answer}});
  }
  return out;
}

/// `replaced`: the file it was started from is another by now, or gone.
Json program() {
  std::error_code failed;
  const std::string link = fs::read_symlink("/proc/self/exe", failed).string();
  constexpr std::string_view gone = " (deleted)";
  const bool replaced = link.ends_with(gone);
  Json out = Json::object();
  out["file"] = or_null(replaced ? link.substr(0, link.size() - gone.size()) : link);
  out["replaced"] = replaced;
  return out;
}

Json descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  std::error_code failed;
  std::int64_t open = 0;
  for (const char* folder : {"/proc/self/fd", "/dev/fd"}) {
    fs::directory_iterator each(folder, failed);
    if (failed) continue;
    open = std::distance(each, fs::directory_iterator());
    break;
  }
  return {{"open", open},
          {"limit", limit.rlim_cur == RLIM_INFINITY ? Json(nullptr) : Json(limit.rlim_cur)}};
}

/// Will the keys there are still be valid after a restart?
Json pepper(Desk desk) {
  const auto stored = read_secret_file(desk.services.paths.pepper());
  return {{"trouble", trouble_of(stored)},
          {"same", stored && *stored == desk.state.pepper().reveal()}};
}

/// null: it cannot be read now, which the store's own trouble tells.
Json database(Desk desk) {
  constexpr Millis most{3'000};
  const auto found = desk.services.traces.check(most);
  if (!found) return nullptr;
  return {{"finished", found->finished},
          {"sound", found->sound},
          {"detail", printable(found->detail, 200)},
          {"schema", found->schema}};
}

struct Reference {
  std::string credential;  ///< Its name in the store.
  std::string account;     ///< Empty: the provider's first.
  std::string key_from;
};

std::vector<Reference> references_of(const ProviderRecord& record) {
  std::vector<Reference> all;
  if (record.auth == AuthScheme::none) return all;
  all.push_back({record.id, "", record.key_from});
  for (const CredentialRecord& more : record.more_keys)
    all.push_back({routing::credential_name(record.id, more.name), more.name, more.key_from});
  return all;
}

/// Does the file that it came from still say what is in use? null: it came from no file.
Json source_of(const Reference& reference, const routing::Credentials& credentials) {
  if (!reference.key_from.starts_with("file:")) return nullptr;
  const auto said = credential_of(std::nullopt, reference.key_from);
  const auto used = credentials.find(reference.credential);
  Json out = Json::object();
  out["trouble"] = trouble_of(said);
  out["same"] =
      said && *said && used != credentials.end() && (*said)->reveal() == used->second->reveal();
  return out;
}

/// `stored`: will it be there after a restart?
Json credentials_of(const ProviderRecord& record, const routing::Credentials& credentials,
                    Desk desk) {
  Json out = Json::array();
  for (const Reference& reference : references_of(record)) {
    const auto stored = desk.services.files.load_secret(reference.credential);
    Json row = Json::object();
    row["name"] = or_null(reference.account);
    row["key_from"] = or_null(reference.key_from);
    row["in_use"] = credentials.contains(reference.credential);
    row["stored"] = stored.has_value();
    row["trouble"] = trouble_of(stored);
    row["source"] = source_of(reference, credentials);
    out.push_back(std::move(row));
  }
  return out;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// Would a request to it come back to us?
bool is_ourselves(const Endpoint& endpoint, const Strings& listening) {
  const std::string ending = fmt::format(":{}", endpoint.port);
  return is_loopback(endpoint.host) &&
         std::any_of(listening.begin(), listening.end(),
                     [&](const std::string& address) { return address.ends_with(ending); });
}

Json places_of(const ProviderRecord& record, Desk desk) {
  const Strings listening = desk.services.status().listening;
  Json out = Json::array();
  for (const EndpointRecord& place : record.endpoints) {
    const auto slip = slip_of(record, place, desk.state.catalog());
    const auto endpoint = routing::make_endpoint(record, place, nullptr);
    Json row = Json::object();
    row["dialect"] = place.dialect;
    row["slip"] = slip ? Json(*slip) : Json(nullptr);
    row["exposed"] = endpoint && !endpoint->tls && !is_loopback(endpoint->host) &&
                     endpoint->auth != AuthScheme::none;
    row["local"] = endpoint && is_loopback(endpoint->host);
    row["ourselves"] = endpoint && is_ourselves(*endpoint, listening);
    out.push_back(std::move(row));
  }
  return out;
}

Json providers(const ControlData& data, Desk desk) {
  const auto credentials = desk.state.credentials();
  Json out = Json::array();
  for (const ProviderRecord& record : data.providers) {
    Json row = Json::object();
    row["id"] = record.id;
    row["enabled"] = record.enabled;
    row["credentials"] = credentials_of(record, credentials, desk);
    row["places"] = places_of(record, desk);
    row["ca_file"] = or_null(record.ca_file);
    row["proxy"] = or_null(record.proxy);
    out.push_back(std::move(row));
  }
  return out;
}

/// The system's bundle and each of the user's own.
Json certificates(const ControlData& data) {
  std::set<std::string> files = {""};
  for (const ProviderRecord& record : data.providers) files.insert(record.ca_file);
  Json out = Json::array();
  for (const std::string& file : files) {
    const upstream::Certificates found = upstream::look_at_certificates(file);
    out.push_back(
        {{"file", or_null(file)}, {"count", found.count}, {"trouble", or_null(found.trouble)}});
  }
  return out;
}

/// Names of the user's own that lead to a model which nobody serves any more.
Json dangling(const ControlData& data, Desk desk) {
  Json out = Json::array();
  const auto look = [&](const char* what, const std::string& name, const std::string& model) {
    if (const auto found = routed_model(model, data, desk); !found)
      out.push_back({{"what", what}, {"name", name}, {"model", model}});
  };
  for (const AliasRecord& alias : data.aliases) look("alias", alias.name, alias.model);
  for (const FallbackRecord& record : data.fallbacks)
    for (const std::string& model : record.chain) look("fallback", record.model, model);
  for (const CandidatesRecord& list : data.candidates)
    for (const std::string& model : list.models) look("candidates", list.name, model);
  return out;
}

/// Credentials on the disk that no provider has.
Json orphans(const ControlData& data, Desk desk) {
  std::set<std::string> known;
  for (const ProviderRecord& record : data.providers) {
    known.insert(routing::proxy_login_name(record.id) + ".key");
    known.insert(record.id + ".key");
    for (const CredentialRecord& more : record.more_keys)
      known.insert(routing::credential_name(record.id, more.name) + ".key");
  }
  Json out = Json::array();
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(desk.services.paths.secrets_dir(), failed))
    if (!known.contains(entry.path().filename().string()))
      out.push_back(printable(entry.path().filename().string()));
  return out;
}

Json checkup(Desk desk) {
  const auto snapshot = desk.state.snapshot();
  const ControlData& data = snapshot->data;
  Json out = Json::object();
  out["schema"] = schema_version;
  out["program"] = program();
  out["descriptors"] = descriptors();
  out["database"] = database(desk);
  out["pepper"] = pepper(desk);
  out["spend_floor"] = {
      {"trouble", trouble_of(store::load_floor(desk.services.paths.spend_floor()))}};
  out["providers"] = providers(data, desk);
  out["orphans"] = orphans(data, desk);
  out["certificates"] = certificates(data);
  out["dangling"] = dangling(data, desk);
  out["proofs"] = proofs(desk);  // the last: they are good for some seconds only
  return out;
}

}  // namespace

void add_checkup(Router& router, Desk desk) {
  router.on(path::checkup, [desk](const Json&) -> Result<Json> { return checkup(desk); });
}

}  // namespace routerone::control
