#pragma once

#include "daemon/control/router.h"
#include "daemon/control/state.h"

namespace routerone::control {

/// What every noun works with; both outlive the router.
struct Desk {
  const Services& services;
  State& state;
};

/// Each noun has its own file, named as the CLI's, and registers its own calls.
void add_daemon(Router&, Desk);
void add_checkup(Router&, Desk);
void add_keys(Router&, Desk);
void add_projects(Router&, Desk);
void add_budgets(Router&, Desk);
void add_providers(Router&, Desk);
void add_provider_keys(Router&, Desk);
void add_models(Router&, Desk);
void add_catalog(Router&, Desk);
void add_routes(Router&, Desk);
void add_traces(Router&, Desk);
void add_replay(Router&, Desk);
void add_usage(Router&, Desk);
void add_statusline(Router&, Desk);
void add_names(Router&, Desk);
void add_config(Router&, Desk);

}  // namespace routerone::control
