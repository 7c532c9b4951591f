#pragma once

#include <vector>

#include "daemon/exchange/decision.h"

namespace routerone::routing {

/// The credentials of a provider reach the same machines: what one of them was seen to take at a
/// model goes for all, so that they take turns and none is preferred for chance. And they share
/// their provider's part of the load, which a further one does not make greater. `seconds` becomes
/// their mean, `share` what each of the sound ones gets; all else, their limits above all, stays
/// their own. Those of one target stand together. Pure.
void even_out(std::vector<DecidedCandidate>&);

}  // namespace routerone::routing
