#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "daemon/control/config_changes.h"
#include "daemon/control/config_check.h"
#include "daemon/control/config_file.h"
#include "daemon/control/nouns.h"
#include "daemon/control/provider_find.h"
#include "daemon/store/provider_json.h"

namespace routerone::control {
namespace {

Money settled_of_wallet(Desk desk) { return desk.services.admission.state(wallet_scope).settled; }

Result<Json> export_config(Desk desk, const Json& body) {
  TRY(const auto wish, read<ConfigExportWish>(body));
  return write_config(desk.state.draft(), settled_of_wallet(desk), wish.secrets);
}

struct Plan {
  State::Draft next;
  Json changes;
  Strings warnings;
};

Result<Plan> make_plan(const ConfigFile& file, const State::Draft& now, Desk desk) {
  Plan plan;
  TRY(plan.next, read_config(file, now, settled_of_wallet(desk), desk.services.random));
  TRY_STATUS(check_config(plan.next, file.secrets, desk, plan.warnings));
  plan.changes = config_changes(now, plan.next);
  return plan;
}

/// What is known of the health of providers that are reached otherwise now is of the past.
void forget_health(const State::Draft& before, const State::Draft& after, Desk desk) {
  const auto credential_of = [](const State::Draft& draft, const std::string& id) {
    const auto found = draft.credentials.find(id);
    return found == draft.credentials.end() ? nullptr : found->second;
  };
  for (const ProviderRecord& old : before.data.providers) {
    const ProviderRecord* now = find_added(after.data.providers, old.id);
    const bool same = now && store::provider_to_json(*now) == store::provider_to_json(old) &&
                      credential_of(before, old.id) == credential_of(after, old.id);
    if (!same) desk.services.health.reset(old.id);
  }
}

Result<Json> apply_config(Desk desk, const Json& body) {
  TRY(const auto wish, read<ConfigApplyWish>(body));
  TRY(const ConfigFile file, parse_config(wish.config));
  const State::Draft before = desk.state.draft();
  TRY(Plan plan, make_plan(file, before, desk));
  if (!wish.dry_run && !plan.changes.empty()) {
    TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
      TRY(plan, make_plan(file, draft, desk));
      draft = plan.next;
      return {};
    }));
    forget_health(before, plan.next, desk);
  }
  Json out = Json::object();
  out["schema"] = schema_version;
  out["dry_run"] = wish.dry_run;
  out["secrets"] = file.secrets;
  out["changes"] = std::move(plan.changes);
  out["warnings"] = plan.warnings;
  return out;
}

}  // namespace

void add_config(Router& router, Desk desk) {
  router.on(path::config_export, [desk](const Json& body) { return export_config(desk, body); });
  router.on(path::config_apply, [desk](const Json& body) { return apply_config(desk, body); });
}

}  // namespace routerone::control
