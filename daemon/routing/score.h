#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/exchange/decision.h"

namespace routerone::routing {

using Weights = RouteWeights;

/// Shares of one. Negative and absurd numbers count as none.
Weights normalised(const Weights&);

/// `fast`, `cheap`, `best`, `balanced`.
std::optional<Weights> profile(std::string_view name);

struct Choice {
  std::vector<Score> scores;       ///< One a candidate, in the candidates' order.
  std::vector<std::size_t> order;  ///< Candidates, best first; each once.
  bool trial = false;              ///< The first one is there to be measured.
};

/// Bounds on what is not the best score.
struct ChoiceOptions {
  double margin = 0.03;  ///< Scores so close share the load.
  double trials = 0.05;  ///< Of requests, at most, for what must be measured.
};

/// Orders candidates for one request. Pure: equal input, equal order. For each signal, more weight
/// never leads to a first choice that is worse in it (times health), trials and sharing left aside.
Choice choose(std::span<const Standpoint>, const Weights&, std::uint32_t dice,
              const ChoiceOptions& = {});

}  // namespace routerone::routing
