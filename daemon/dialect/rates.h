#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/rate_state.h"

namespace routerone::dialect {

using HeadFields = std::vector<std::pair<std::string, std::string>>;

/// `x-ratelimit-remaining-requests: 59`, `x-ratelimit-reset-requests: 6m0s`: both OpenAI dialects.
HeadFields write_openai_rates(const RateState&);
/// `anthropic-ratelimit-requests-remaining: 59`, `..-reset: 2026-11-20T12:00:00Z`.
HeadFields write_anthropic_rates(const RateState&, WallTime now);

}  // namespace routerone::dialect
