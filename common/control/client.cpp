#include "common/control/client.h"

#include "common/control/contract.h"
#include "common/control/socket_talk.h"

namespace routerone::control {
namespace {

/// Completion asks while a person waits for the next key stroke; it has answers without us too.
constexpr Patience hasty{Millis(100), Millis(150)};
/// An agent asks for its status bar again and again, and cancels what takes long. The daemon gives
/// each of its looks 100 ms.
constexpr Patience brisk{Millis(100), Millis(500)};
/// These need nothing but what the daemon knows: without an answer by then it hangs.
constexpr Patience soon{Millis(5'000), Millis(10'000)};
/// These go through what may be gigabytes.
constexpr Patience long_work{Millis(5'000), Millis(900'000)};

Patience patience_for(std::string_view path) {
  if (path == path::names) return hasty;
  if (path == path::statusline) return brisk;
  if (path == path::status || path == path::shutdown) return soon;
  for (const char* heavy : {path::trace_prune, path::trace_backup, path::route_replay,
                            path::config_export, path::config_apply})
    if (path == heavy) return long_work;
  return {};  // longer than the slowest of the others, `providers test`, may take
}

bool any_version(std::string_view path) { return path == path::status || path == path::shutdown; }

Json nothing() { return Json::object(); }

}  // namespace

Result<Json> Client::call(const char* path, const Json& body) const {
  TRY(const PostAnswer answer,
      post(socket_, path, body.dump(-1, ' ', false, Json::error_handler_t::replace),
           patience_for(path)));
  if (answer.contract != std::to_string(contract_version) && !any_version(path))
    return tl::unexpected(version_mismatch(answer.contract));
  if (answer.status != 200) return tl::unexpected(read_error(answer.status, answer.body));
  auto json = parse_json(answer.body);
  if (!json)
    return fail(ErrorKind::internal, "the daemon's answer is not JSON", "routerone restart");
  return json;
}

Result<Json> Client::status() const { return call(path::status, nothing()); }
Result<Json> Client::checkup() const { return call(path::checkup, nothing()); }
Result<Json> Client::shutdown() const { return call(path::shutdown, nothing()); }

Result<Json> Client::create_key(const KeyWish& wish) const {
  return call(path::key_create, to_json(wish));
}
Result<Json> Client::list_keys(bool revoked_too) const {
  return call(path::key_list, all_json(revoked_too));
}
Result<Json> Client::show_key(const std::string& name) const {
  return call(path::key_show, name_json(name));
}
Result<Json> Client::update_key(const KeyWish& wish) const {
  return call(path::key_update, to_json(wish));
}
Result<Json> Client::rotate_key(const std::string& name) const {
  return call(path::key_rotate, name_json(name));
}
Result<Json> Client::revoke_key(const std::string& name) const {
  return call(path::key_revoke, name_json(name));
}

Result<HeldCall> Client::begin_run(const RunWish& wish) const {
  return hold_call(socket_.parent_path() / held_socket_name, path::run_begin, to_json(wish));
}
Result<HeldCall> Client::attach_run(const std::string& id) const {
  return hold_call(socket_.parent_path() / held_socket_name, path::run_attach, name_json(id));
}
Result<Json> Client::end_run(const std::string& id) const {
  return call(path::run_end, name_json(id));
}

Result<Json> Client::create_project(const ProjectWish& wish) const {
  return call(path::project_create, to_json(wish));
}
Result<Json> Client::list_projects() const { return call(path::project_list, nothing()); }
Result<Json> Client::show_project(const std::string& name) const {
  return call(path::project_show, name_json(name));
}
Result<Json> Client::update_project(const ProjectWish& wish) const {
  return call(path::project_update, to_json(wish));
}
Result<Json> Client::remove_project(const std::string& name) const {
  return call(path::project_remove, name_json(name));
}

Result<Json> Client::list_budgets() const { return call(path::budget_list, nothing()); }
Result<Json> Client::show_budget(const std::string& scope) const {
  return call(path::budget_show, name_json(scope));
}
Result<Json> Client::set_budget(const BudgetWish& wish) const {
  return call(path::budget_set, to_json(wish));
}
Result<Json> Client::clear_budget(const BudgetClearWish& wish) const {
  return call(path::budget_clear, to_json(wish));
}
Result<Json> Client::top_up(const TopUpWish& wish) const {
  return call(path::budget_topup, to_json(wish));
}
Result<Json> Client::reconcile(const ReconcileWish& wish) const {
  return call(path::budget_reconcile, to_json(wish));
}

Result<Json> Client::describe_provider(const std::string& id) const {
  return call(path::provider_describe, name_json(id));
}
Result<Json> Client::add_provider(const ProviderWish& wish) const {
  return call(path::provider_add, to_json(wish));
}
Result<Json> Client::list_providers(bool catalog_too) const {
  return call(path::provider_list, all_json(catalog_too));
}
Result<Json> Client::show_provider(const std::string& id) const {
  return call(path::provider_show, name_json(id));
}
Result<Json> Client::test_provider(const ProviderTestWish& wish) const {
  return call(path::provider_test, to_json(wish));
}
Result<Json> Client::update_provider(const ProviderWish& wish) const {
  return call(path::provider_update, to_json(wish));
}
Result<Json> Client::remove_provider(const std::string& id) const {
  return call(path::provider_remove, name_json(id));
}
Result<Json> Client::reset_provider(const std::string& id) const {
  return call(path::provider_reset, name_json(id));
}
Result<Json> Client::add_credential(const CredentialWish& wish) const {
  return call(path::credential_add, to_json(wish));
}
Result<Json> Client::list_credentials(const std::string& provider) const {
  return call(path::credential_list, name_json(provider));
}
Result<Json> Client::update_credential(const CredentialWish& wish) const {
  return call(path::credential_update, to_json(wish));
}
Result<Json> Client::remove_credential(const CredentialWish& wish) const {
  return call(path::credential_remove, to_json(wish));
}

Result<Json> Client::list_models(const ModelListWish& wish) const {
  return call(path::model_list, to_json(wish));
}
Result<Json> Client::show_model(const std::string& name) const {
  return call(path::model_show, name_json(name));
}
Result<Json> Client::set_alias(const AliasWish& wish) const {
  return call(path::model_alias, to_json(wish));
}
Result<Json> Client::set_price(const PriceWish& wish) const {
  return call(path::model_price, to_json(wish));
}
Result<Json> Client::set_quality(const QualityWish& wish) const {
  return call(path::model_quality, to_json(wish));
}
Result<Json> Client::update_catalog(const CatalogWish& wish) const {
  return call(path::model_update, to_json(wish));
}

Result<Json> Client::show_routes() const { return call(path::route_show, nothing()); }
Result<Json> Client::set_fallback(const FallbackWish& wish) const {
  return call(path::route_fallback, to_json(wish));
}
Result<Json> Client::set_routes(const RouteSetWish& wish) const {
  return call(path::route_set, to_json(wish));
}
Result<Json> Client::set_candidates(const CandidatesWish& wish) const {
  return call(path::route_candidates, to_json(wish));
}
Result<Json> Client::explain_route(const ExplainWish& wish) const {
  return call(path::route_explain, to_json(wish));
}

Result<Json> Client::replay_routes(const ReplayWish& wish) const {
  return call(path::route_replay, to_json(wish));
}

Result<Json> Client::list_traces(const TraceListWish& wish) const {
  return call(path::trace_list, to_json(wish));
}
Result<Json> Client::show_trace(const std::string& id) const {
  return call(path::trace_show, name_json(id));
}
Result<Json> Client::tail(const TailWish& wish) const {
  return call(path::trace_tail, to_json(wish));
}

Result<Json> Client::page_traces(const TracePageWish& wish) const {
  return call(path::trace_page, to_json(wish));
}
Result<Json> Client::prune_traces(const PruneWish& wish) const {
  return call(path::trace_prune, to_json(wish));
}
Result<Json> Client::back_up_traces(const BackupWish& wish) const {
  return call(path::trace_backup, to_json(wish));
}

Result<Json> Client::usage(const UsageWish& wish) const { return call(path::usage, to_json(wish)); }
Result<Json> Client::statusline(const StatuslineWish& wish) const {
  return call(path::statusline, to_json(wish));
}
Result<Json> Client::names(const NamesWish& wish) const { return call(path::names, to_json(wish)); }

Result<Json> Client::export_config(const ConfigExportWish& wish) const {
  return call(path::config_export, to_json(wish));
}
Result<Json> Client::apply_config(const ConfigApplyWish& wish) const {
  return call(path::config_apply, to_json(wish));
}

}  // namespace routerone::control
