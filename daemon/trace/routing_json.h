#pragma once

#include "common/json/json_fwd.h"
#include "daemon/exchange/decision.h"
#include "daemon/store/trace_store.h"

namespace routerone::trace {

/// A decision as `traces show` and `routes explain` print it: candidates best first, then those
/// that could not be called; what was expected of each, the terms of its score, what was left out.
Json to_json(const Decision&);

/// The same of a stored one, with how much of it a row had no place for. It has a decision.
Json routing_json(const store::StoredTrace&);

}  // namespace routerone::trace
