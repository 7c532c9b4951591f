#pragma once

#include "common/core/clock.h"
#include "common/core/random.h"
#include "daemon/relay/sessions.h"
#include "daemon/routing/health.h"

namespace routerone {

/// What requests have told of targets and sessions, for those that come after them. Shared by all
/// loops: a few short locks a request, never while bytes move.
struct RouteState {
  RouteState(const Clock& clock, Random& random) : health(clock), sessions(clock, random) {}

  routing::Health health;
  Sessions sessions;
};

}  // namespace routerone
