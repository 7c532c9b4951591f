#pragma once

#include <filesystem>
#include <string>

#include "common/control/held_call.h"
#include "common/control/wishes.h"
#include "common/core/clock.h"
#include "common/core/result.h"
#include "common/json/json.h"

namespace routerone::control {

/// One method a call of the daemon. Blocking; opens a connection a call, so it may be used from one
/// thread at a time and kept as long as one likes. Answers are the JSON that `--json` prints.
///
/// not_running (hint `routerone up`): nobody listens. unauthorized: the socket belongs to another
/// user, so whoever is behind it is not our daemon. conflict (hint `routerone restart`): the daemon
/// speaks another version of the contract. All else: the daemon's own error.
class Client {
 public:
  explicit Client(std::filesystem::path socket) : socket_(std::move(socket)) {}

  Result<Json> status() const;
  /// What the daemon finds when it looks at itself, for `doctor`.
  Result<Json> checkup() const;
  Result<Json> shutdown() const;

  Result<Json> create_key(const KeyWish&) const;
  Result<Json> list_keys(bool revoked_too) const;
  Result<Json> show_key(const std::string& name) const;
  Result<Json> update_key(const KeyWish&) const;
  Result<Json> rotate_key(const std::string& name) const;
  Result<Json> revoke_key(const std::string& name) const;

  /// A run's key lives as long as the connection of one of these two. Attaching goes on with it
  /// after the daemon was restarted.
  Result<HeldCall> begin_run(const RunWish&) const;
  Result<HeldCall> attach_run(const std::string& id) const;
  /// Ends it and says what it came to, once its last requests are settled.
  Result<Json> end_run(const std::string& id) const;

  Result<Json> create_project(const ProjectWish&) const;
  Result<Json> list_projects() const;
  Result<Json> show_project(const std::string& name) const;
  Result<Json> update_project(const ProjectWish&) const;
  Result<Json> remove_project(const std::string& name) const;

  Result<Json> list_budgets() const;
  Result<Json> show_budget(const std::string& scope) const;
  Result<Json> set_budget(const BudgetWish&) const;
  Result<Json> clear_budget(const BudgetClearWish&) const;
  Result<Json> top_up(const TopUpWish&) const;
  Result<Json> reconcile(const ReconcileWish&) const;

  /// What there is to know of a provider before it is added: its environment variables, its auth.
  Result<Json> describe_provider(const std::string& id) const;
  Result<Json> add_provider(const ProviderWish&) const;
  Result<Json> list_providers(bool catalog_too) const;
  Result<Json> show_provider(const std::string& id) const;
  Result<Json> test_provider(const ProviderTestWish&) const;
  Result<Json> update_provider(const ProviderWish&) const;
  Result<Json> remove_provider(const std::string& id) const;
  /// Forgets the health of its targets.
  Result<Json> reset_provider(const std::string& id) const;
  Result<Json> add_credential(const CredentialWish&) const;
  Result<Json> list_credentials(const std::string& provider) const;
  Result<Json> update_credential(const CredentialWish&) const;
  Result<Json> remove_credential(const CredentialWish&) const;

  Result<Json> list_models(const ModelListWish&) const;
  Result<Json> show_model(const std::string& name) const;
  Result<Json> set_alias(const AliasWish&) const;
  Result<Json> set_price(const PriceWish&) const;
  Result<Json> set_quality(const QualityWish&) const;
  Result<Json> update_catalog(const CatalogWish&) const;

  Result<Json> show_routes() const;
  Result<Json> set_fallback(const FallbackWish&) const;
  Result<Json> set_routes(const RouteSetWish&) const;
  Result<Json> set_candidates(const CandidatesWish&) const;
  Result<Json> explain_route(const ExplainWish&) const;
  Result<Json> replay_routes(const ReplayWish&) const;

  Result<Json> list_traces(const TraceListWish&) const;
  Result<Json> show_trace(const std::string& id) const;
  Result<Json> tail(const TailWish&) const;
  Result<Json> page_traces(const TracePageWish&) const;
  Result<Json> prune_traces(const PruneWish&) const;
  Result<Json> back_up_traces(const BackupWish&) const;

  Result<Json> usage(const UsageWish&) const;
  Result<Json> statusline(const StatuslineWish&) const;
  Result<Json> names(const NamesWish&) const;

  Result<Json> export_config(const ConfigExportWish&) const;
  Result<Json> apply_config(const ConfigApplyWish&) const;

 private:
  Result<Json> call(const char* path, const Json& body) const;
  std::filesystem::path socket_;
};

}  // namespace routerone::control
