#pragma once

#include "daemon/exchange/decision.h"
#include "daemon/routing/health.h"
#include "daemon/routing/score.h"

namespace routerone::routing {

/// What a target's health says of it as a candidate for an answer of about `output_tokens`; cost,
/// quality and share are left as they are by default. One whose breaker may be tried again stands
/// where it would without its failures, so that it gets its probe when it would be wanted.
Standpoint standpoint_of(const HealthView&, double output_tokens);

/// It has said when to come back: not called before.
bool is_out(const HealthView&);

/// Orders the candidates: fills in `score`, `order` and `trial` from all else that the decision
/// holds. Lower tiers come first; in a tier by score (see `choose`); all last resorts after all
/// that are sound, in the same way. The one that served the session before is first as long as it
/// is sound. Pure: a decision of the past comes out as it did then. `candidates` stand by tier.
void decide(Decision&, const ChoiceOptions& = {});

}  // namespace routerone::routing
