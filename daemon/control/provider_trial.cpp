#include "daemon/control/provider_trial.h"

#include <fmt/format.h>

#include "daemon/control/provider_record.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/operation_path.h"
#include "daemon/dialect/registry.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {
namespace {

/// What one call said of the provider. No message: nothing is wrong.
struct Finding {
  std::string message;
  std::string hint;
};

Finding of_transport(const ProbeAnswer& answer, const Endpoint& endpoint) {
  const std::string host = fmt::format("{}:{}", endpoint.host, endpoint.port);
  const std::string detail = answer.detail.empty() ? "" : " (" + answer.detail + ")";
  const std::string update = fmt::format("routerone providers update {}", endpoint.provider);
  if (answer.fault == "dns")
    return {fmt::format("the host {} was not found{}", endpoint.host, detail),
            update + " --base-url URL"};
  if (answer.fault == "connect_refused")
    return {fmt::format("nothing listens at {}{}", host, detail),
            "start the server, or: " + update + " --base-url URL"};
  if (answer.fault == "connect_timeout")
    return {fmt::format("{} does not answer", host), "check the address and the network"};
  if (answer.fault == "tls_certificate")
    return {fmt::format("the certificate of {} cannot be trusted{}", host, detail),
            "if its authority is your own: " + update + " --ca-file PEM"};
  if (answer.fault == "tls_handshake")
    return {fmt::format("no TLS with {}{}", host, detail),
            "is it plain http? " + update + " --base-url http://.."};
  if (answer.fault == "redirect")
    return {fmt::format("{} redirects elsewhere; redirects are not followed", host),
            update + " --base-url with the address it redirects to"};
  return {fmt::format("{} broke off: {}{}", host, answer.fault, detail), ""};
}

Finding of_answer(const ProbeAnswer& answer, const Endpoint& endpoint, const std::string& model) {
  if (!answer.fault.empty()) return of_transport(answer, endpoint);
  const FailureClass failure = answer.status / 100 == 2
                                   ? FailureClass::none
                                   : dialect::failure_of(answer.status, answer.body);
  switch (failure) {
    case FailureClass::credential_refused:
      return {fmt::format("the provider refused the key (status {})", answer.status),
              fmt::format("routerone providers update {} {}--key-from prompt", endpoint.provider,
                          endpoint.account.empty() ? "" : "--key " + endpoint.account + " ")};
    case FailureClass::rate_limited:
      return {"the key is good, but its rate limit is reached", "try again later"};
    case FailureClass::server_error:
    case FailureClass::overloaded:
    case FailureClass::request_timeout:
      return {fmt::format("the provider has trouble (status {})", answer.status),
              "try again later"};
    case FailureClass::model_missing:
      if (!model.empty())
        return {fmt::format("it has no model \"{}\"", model), "name another with --model"};
      return {};  // it understood, and missed the model that was not named
    default:
      break;
  }
  if (answer.status == 404 || answer.status == 405)
    return {fmt::format("there is nothing at {} (status {})", endpoint.path_prefix, answer.status),
            fmt::format("routerone providers update {} --base-url URL", endpoint.provider)};
  if (!model.empty() && failure != FailureClass::none)
    return {fmt::format("the provider refused the request (status {})", answer.status),
            "another model may take it: --model"};
  return {};
}

class Trial {
 public:
  Trial(const ProviderRecord& record, const routing::Credentials& credentials,
        const std::string& model, Desk desk)
      : record_(record), credentials_(credentials), model_(model), desk_(desk) {}

  void try_account(const std::string& account) {
    account_ = account;
    for (const EndpointRecord& where : record_.endpoints) try_endpoint(where);
  }

  Json result() const {
    Json out = Json::object();
    out["ok"] = ok_;
    out["checks"] = checks_;
    return out;
  }

 private:
  std::shared_ptr<const Secret> secret(const std::string& name) const {
    const auto found = credentials_.find(name);
    return found == credentials_.end() ? nullptr : found->second;
  }

  void try_endpoint(const EndpointRecord& where) {
    auto made = routing::make_endpoint(record_, where,
                                       secret(routing::credential_name(record_.id, account_)),
                                       secret(routing::proxy_login_name(record_.id)));
    if (!made) {
      note(where, "", {}, {made.error().message, made.error().hint});
      return;
    }
    made->account = account_;
    const auto endpoint = std::make_shared<const Endpoint>(*std::move(made));
    // A list that is not there proves nothing: some providers have none.
    const ProbeAnswer listed = desk_.services.probe({endpoint, "GET", "/models", {}, ""});
    const Finding of_list = of_answer(listed, *endpoint, "");
    const bool no_list = listed.fault.empty() && (listed.status == 404 || listed.status == 405);
    if (!of_list.message.empty() && !no_list) {
      note(where, "/models", listed, of_list);
      return;
    }
    const dialect::Dialect* dialect = dialect::find(where.dialect);
    const dialect::Operation& operation = dialect->operations().front();
    // Where the path names the model, one that nobody has shows that the key is good.
    const std::string path =
        dialect::path_for(operation.upstream_path, model_.empty() ? "none" : model_);
    ProbeRequest request{endpoint, "POST", path, {}, "{}"};
    request.fields.emplace_back("Content-Type", "application/json");
    if (!model_.empty()) request.body = dialect->write_trial(model_);
    const ProbeAnswer answered = desk_.services.probe(request);
    note(where, request.path, answered, of_answer(answered, *endpoint, model_));
  }

  void note(const EndpointRecord& where, const std::string& path, const ProbeAnswer& answer,
            Finding finding) {
    const auto slip = slip_of(record_, where, desk_.state.catalog());
    if (slip && !finding.message.empty())
      finding = {fmt::format("{}; {}", finding.message, *slip),
                 fmt::format("routerone providers update {} --base-url URL", record_.id)};
    Json row = Json::object();
    row["credential"] = account_.empty() ? Json(nullptr) : Json(account_);
    row["dialect"] = where.dialect;
    row["path"] = path;
    row["model"] = model_.empty() ? Json(nullptr) : Json(model_);
    row["status"] = answer.status == 0 ? Json(nullptr) : Json(answer.status);
    row["fault"] = answer.fault.empty() ? Json(nullptr) : Json(answer.fault);
    row["latency_ms"] = answer.latency.count();
    row["ok"] = finding.message.empty();
    row["message"] = finding.message;
    row["hint"] = finding.hint;
    checks_.push_back(std::move(row));
    ok_ = ok_ && finding.message.empty();
  }

  const ProviderRecord& record_;
  const routing::Credentials& credentials_;
  const std::string& model_;
  Desk desk_;
  std::string account_;
  Json checks_ = Json::array();
  bool ok_ = true;
};

}  // namespace

Json try_provider(const ProviderRecord& record, const routing::Credentials& credentials,
                  const std::string& model, Desk desk) {
  Trial trial(record, credentials, model, desk);
  trial.try_account({});
  for (const CredentialRecord& more : record.more_keys) trial.try_account(more.name);
  return trial.result();
}

}  // namespace routerone::control
