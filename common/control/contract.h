#pragma once

#include <string>
#include <string_view>

#include "common/core/result.h"
#include "common/json/json_fwd.h"

namespace routerone::control {

/// What the CLI and the daemon agree on. Every call is `POST /NOUN/VERB` with a JSON object as body
/// on the control socket; the answer is JSON, or the error below with a status that fits its kind.
/// Names in paths would need escaping, names in a body do not.

/// Sent with each call and each answer. Raised when an older side would misread a newer one.
inline constexpr int contract_version = 1;
inline constexpr const char* contract_field = "Routerone-Contract";

/// Of the objects that `--json` prints: fields are added, never renamed or dropped.
inline constexpr int schema_version = 1;

namespace path {
inline constexpr const char* status = "/daemon/status";  ///< These two answer any contract version,
inline constexpr const char* shutdown = "/daemon/shutdown";  ///< so that a restart is possible.
inline constexpr const char* key_create = "/keys/create";
inline constexpr const char* key_list = "/keys/list";
inline constexpr const char* key_show = "/keys/show";
inline constexpr const char* key_update = "/keys/update";
inline constexpr const char* key_rotate = "/keys/rotate";
inline constexpr const char* key_revoke = "/keys/revoke";
/// These two open a held call (held_call.h); the last is a call like the others.
inline constexpr const char* run_begin = "/runs/begin";
inline constexpr const char* run_attach = "/runs/attach";
inline constexpr const char* run_end = "/runs/end";
inline constexpr const char* project_create = "/projects/create";
inline constexpr const char* project_list = "/projects/list";
inline constexpr const char* project_show = "/projects/show";
inline constexpr const char* project_update = "/projects/update";
inline constexpr const char* project_remove = "/projects/remove";
inline constexpr const char* budget_list = "/budgets/list";
inline constexpr const char* budget_show = "/budgets/show";
inline constexpr const char* budget_set = "/budgets/set";
inline constexpr const char* budget_clear = "/budgets/clear";
inline constexpr const char* budget_topup = "/budgets/topup";
inline constexpr const char* budget_reconcile = "/budgets/reconcile";
inline constexpr const char* provider_describe = "/providers/describe";
inline constexpr const char* provider_add = "/providers/add";
inline constexpr const char* provider_list = "/providers/list";
inline constexpr const char* provider_show = "/providers/show";
inline constexpr const char* provider_test = "/providers/test";
inline constexpr const char* provider_update = "/providers/update";
inline constexpr const char* provider_remove = "/providers/remove";
inline constexpr const char* provider_reset = "/providers/reset";
inline constexpr const char* credential_add = "/providers/key_add";
inline constexpr const char* credential_update = "/providers/key_update";
inline constexpr const char* credential_list = "/providers/key_list";
inline constexpr const char* credential_remove = "/providers/key_remove";
inline constexpr const char* model_list = "/models/list";
inline constexpr const char* model_show = "/models/show";
inline constexpr const char* model_alias = "/models/alias";
inline constexpr const char* model_price = "/models/price";
inline constexpr const char* model_quality = "/models/quality";
inline constexpr const char* model_update = "/models/update";
inline constexpr const char* route_show = "/routes/show";
inline constexpr const char* route_fallback = "/routes/fallback";
inline constexpr const char* route_set = "/routes/set";
inline constexpr const char* route_candidates = "/routes/candidates";
inline constexpr const char* route_explain = "/routes/explain";
inline constexpr const char* route_replay = "/routes/replay";
inline constexpr const char* trace_list = "/traces/list";
inline constexpr const char* trace_show = "/traces/show";
inline constexpr const char* trace_tail = "/traces/tail";
inline constexpr const char* trace_page = "/traces/page";
inline constexpr const char* trace_prune = "/traces/prune";
inline constexpr const char* trace_backup = "/traces/backup";
inline constexpr const char* usage = "/usage/sum";
inline constexpr const char* statusline = "/usage/statusline";
inline constexpr const char* names = "/names/list";
inline constexpr const char* config_export = "/config/export";
inline constexpr const char* config_apply = "/config/apply";
inline constexpr const char* checkup = "/daemon/checkup";
}  // namespace path

/// On the data port, followed by a question: `{"answer":..}` of whoever is our daemon. No key
/// needed.
inline constexpr std::string_view proof_path = "/routerone/proof/";

/// The one table from kinds to HTTP statuses and to the word on the wire.
int status_of(ErrorKind);
std::string_view word_of(ErrorKind);

/// `{"error":{"kind":..,"message":..,"hint":..}}`
std::string write_error(const Error&);
/// The error of an answer that is not 200. A body that is not ours becomes `internal`.
Error read_error(int status, std::string_view body);

/// What an older or newer side is told.
Error version_mismatch(std::string_view theirs);

}  // namespace routerone::control
