#include "daemon/control/control_plane.h"

#include "daemon/control/nouns.h"
#include "daemon/control/server.h"

namespace routerone::control {

/// In the order of making; the server goes first when it is taken down.
struct ControlPlane::Impl {
  explicit Impl(Services given) : services(std::move(given)) {}
  const Services services;
  std::unique_ptr<State> state;
  Router router;
  std::unique_ptr<Server> server;
};

ControlPlane::ControlPlane() = default;
ControlPlane::~ControlPlane() = default;

Result<std::unique_ptr<ControlPlane>> ControlPlane::start(Services services) {
  std::unique_ptr<ControlPlane> plane(new ControlPlane);
  plane->impl_ = std::make_unique<Impl>(std::move(services));
  Impl& impl = *plane->impl_;
  TRY(impl.state, State::open(impl.services));
  const Desk desk{impl.services, *impl.state};
  add_daemon(impl.router, desk);
  add_keys(impl.router, desk);
  add_projects(impl.router, desk);
  add_budgets(impl.router, desk);
  add_providers(impl.router, desk);
  add_models(impl.router, desk);
  add_catalog(impl.router, desk);
  add_routes(impl.router, desk);
  add_traces(impl.router, desk);
  add_usage(impl.router, desk);
  TRY(impl.server, Server::start(impl.services.paths.control_socket(), impl.router));
  return plane;
}

}  // namespace routerone::control
