#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/control/wishes.h"
#include "common/core/result.h"
#include "daemon/control/nouns.h"

namespace routerone::control {

struct AskedCosts {
  std::vector<store::TraceStore::Actual> costs;
  Strings unanswered;     ///< The provider knows no such request.
  std::int64_t left = 0;  ///< Not asked for yet: ask again.
};

/// What a provider with a generation endpoint (`GET {base}/generation?id=..`, answered by
/// `{"data": {"total_cost": ..}}`) says that each interrupted or estimated row of its own cost.
/// Blocks, on a control thread, for at most half a minute. upstream_failed if it has no such
/// endpoint, refuses the key or cannot be reached.
Result<AskedCosts> ask_costs(const std::string& provider, Desk);

/// The cost in such an answer; nullopt: it is none, or its cost is below 0.
std::optional<Money> cost_of_generation(std::string_view body);

}  // namespace routerone::control
