#include "common/config/listen.h"
#include "common/control/contract.h"
#include "common/core/text.h"
#include "daemon/control/budget_view.h"

namespace routerone::control {
namespace {

Json store_view(const store::StoreHealth& health) {
  Json out = Json::object();
  out["writable"] = health.writable;
  out["trouble"] = health.trouble.empty() ? Json(nullptr) : Json(health.trouble);
  out["rows_written"] = health.rows_written;
  out["rows_waiting"] = health.rows_waiting;
  out["rows_lost"] = health.rows_lost;
  out["rows_late"] = health.rows_late;
  out["rows_unkept"] = health.rows_unkept;
  out["rows_interrupted"] = health.rows_interrupted;
  out["quarantined"] = health.quarantined.empty() ? Json(nullptr) : Json(health.quarantined);
  return out;
}

std::size_t live_keys(const ControlData& data) {
  std::size_t live = 0;
  for (const KeyRecord& key : data.keys) live += key.revoked ? 0 : 1;
  return live;
}

Json status(Desk desk) {
  const DaemonStatus now = desk.services.status();
  const auto snapshot = desk.state.snapshot();
  ControlData data = snapshot->data;
  Json out = Json::object();
  out["schema"] = schema_version;
  out["running"] = true;
  out["version"] = ROUTERONE_VERSION;
  out["contract"] = contract_version;
  out["pid"] = now.pid;
  out["started"] = format_rfc3339(now.started);
  out["uptime_s"] =
      std::chrono::duration_cast<std::chrono::seconds>(desk.services.clock.wall() - now.started)
          .count();
  out["draining"] = now.draining;
  out["manager"] = now.manager.empty() ? Json(nullptr) : Json(now.manager);
  out["memory_bytes"] = now.memory ? Json(*now.memory) : Json(nullptr);
  out["listening"] = now.listening;
  out["warning"] = now.warning.empty() ? Json(nullptr) : Json(now.warning);
  const auto& metrics = desk.services.metrics_at;
  out["metrics"] = metrics ? Json(to_text(*metrics)) : Json(nullptr);
  out["requests"] = now.requests;
  out["connections"] = now.connections;
  out["keys"] = live_keys(snapshot->data);
  out["providers"] = snapshot->data.providers.size();
  out["control_socket"] = desk.services.paths.control_socket().string();
  out["state_dir"] = desk.services.paths.state_dir.string();
  out["log_file"] = desk.services.paths.log_file().string();
  const std::string& trouble = desk.state.catalog_trouble();
  out["catalog"] = Json::object();
  out["catalog"]["generated"] = desk.state.catalog().generated();
  out["catalog"]["trouble"] = trouble.empty() ? Json(nullptr) : Json(trouble);
  out["wallet"] = budget_view(all_scopes(data).front(), data, desk);
  out["store"] = store_view(desk.services.traces.health());
  return out;
}

}  // namespace

void add_daemon(Router& router, Desk desk) {
  router.on(path::status, [desk](const Json&) -> Result<Json> { return status(desk); });
  router.on(path::shutdown, [desk](const Json&) -> Result<Json> {
    Json out = status(desk);
    desk.services.shutdown();
    return out;
  });
}

}  // namespace routerone::control
