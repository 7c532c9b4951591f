#include "daemon/control/control_plane.h"

#include "common/control/contract.h"
#include "common/control/held_call.h"
#include "daemon/control/nouns.h"
#include "daemon/control/runs.h"
#include "daemon/control/server.h"

namespace routerone::control {

/// In the order of making; the server goes first when it is taken down.
struct ControlPlane::Impl {
  explicit Impl(Services given) : services(std::move(given)) {}
  const Services services;
  std::unique_ptr<State> state;
  Router router;
  std::unique_ptr<Runs> runs;
  std::unique_ptr<HeldServer> held;
  std::unique_ptr<Server> server;
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
  add_provider_keys(impl.router, desk);
  add_models(impl.router, desk);
  add_catalog(impl.router, desk);
  add_routes(impl.router, desk);
  add_traces(impl.router, desk);
  add_replay(impl.router, desk);
  add_usage(impl.router, desk);
  impl.runs = std::make_unique<Runs>(desk);
  add_runs(impl.router, *impl.runs);
  TRY(impl.held,
      HeldServer::start(impl.services.paths.control_socket().parent_path() / held_socket_name,
                        held_by(*impl.runs)));
  TRY(impl.server, Server::start(impl.services.paths.control_socket(), impl.router));
  return plane;
}

}  // namespace routerone::control
