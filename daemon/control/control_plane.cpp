#include "daemon/control/control_plane.h"

#include "common/control/contract.h"
#include "common/control/held_call.h"
#include "daemon/control/metrics.h"
#include "daemon/control/metrics_port.h"
#include "daemon/control/models_page.h"
#include "daemon/control/nouns.h"
#include "daemon/control/runs.h"
#include "daemon/control/server.h"

namespace routerone::control {

/// In the order of making; the server goes first when it is taken down.
struct ControlPlane::Impl {
  explicit Impl(Services given) : services(std::move(given)) {}
  const Services services;
  std::unique_ptr<State> state;
  std::unique_ptr<ModelsPage> models;
  Router router;
  std::unique_ptr<Runs> runs;
  std::unique_ptr<HeldServer> held;
  std::unique_ptr<Server> server;
  std::unique_ptr<MetricsPort> metrics;
};

namespace {

HeldServer::Handler held_by(Runs& runs) {
  HeldServer::Handler handler;
  handler.begin = [&runs](const std::string& call,
                          const Json& body) -> Result<HeldServer::Granted> {
    if (call == path::run_begin) return runs.begin(body);
    if (call == path::run_attach) return runs.attach(body);
    return fail(ErrorKind::not_found, "the daemon holds no such call", "routerone restart");
  };
  handler.ended = [&runs](const std::string& id) { runs.ended(id); };
  handler.look = [&runs] { return runs.look(); };
  return handler;
}

}  // namespace

ControlPlane::ControlPlane() = default;
ControlPlane::~ControlPlane() = default;

std::shared_ptr<const std::string> ControlPlane::models_page() const {
  return impl_->models->text();
}

Result<std::unique_ptr<ControlPlane>> ControlPlane::start(Services services) {
  std::unique_ptr<ControlPlane> plane(new ControlPlane);
  plane->impl_ = std::make_unique<Impl>(std::move(services));
  Impl& impl = *plane->impl_;
  TRY(impl.state, State::open(impl.services));
  const Desk desk{impl.services, *impl.state};
  impl.models = std::make_unique<ModelsPage>(desk);
  add_daemon(impl.router, desk);
  add_checkup(impl.router, desk);
  add_keys(impl.router, desk);
  add_projects(impl.router, desk);
  add_budgets(impl.router, desk);
  add_providers(impl.router, desk);
  add_provider_keys(impl.router, desk);
  add_models(impl.router, desk);
  add_catalog(impl.router, desk);
  add_routes(impl.router, desk);
  add_traces(impl.router, desk);
  add_replay(impl.router, desk);
  add_usage(impl.router, desk);
  add_statusline(impl.router, desk);
  add_names(impl.router, desk);
  add_config(impl.router, desk);
  impl.router.on_page(metrics_path, [desk] { return Page{metrics_type, metrics_page(desk)}; });
  impl.runs = std::make_unique<Runs>(desk);
  add_runs(impl.router, *impl.runs);
  TRY(impl.held,
      HeldServer::start(impl.services.paths.control_socket().parent_path() / held_socket_name,
                        held_by(*impl.runs)));
  TRY(impl.server, Server::start(impl.services.paths.control_socket(), impl.router));
  if (impl.services.metrics_at) {
    TRY(impl.metrics, MetricsPort::start(*impl.services.metrics_at, impl.router));
  }
  return plane;
}

}  // namespace routerone::control
