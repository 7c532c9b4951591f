#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "daemon/routing/health.h"
#include "daemon/routing/score.h"

namespace routerone::routing {

/// One target that is able and allowed to serve a request, and what is known of it.
struct Candidate {
  HealthView health;
  std::optional<double> dollars;  ///< This request there, expected.
  std::optional<double> quality;  ///< 0 to 1.
  double share = 1;               ///< The provider's weight.
};

struct Ranking {
  std::vector<Score> scores;       ///< One a candidate, in the candidates' order.
  std::vector<std::size_t> order;  ///< Best first; each candidate at most once.
  std::size_t sound = 0;           ///< The rest of `order` is a last resort: its breaker is open.
  bool trial = false;              ///< The first one is there to be measured.
};

/// Orders what may serve a request of about `output_tokens`. One whose breaker may be tried again
/// stands where its score would put it without its failures, so that it gets its probe when it
/// would be wanted. One that said when to come back is left out until then. Pure; see `choose`.
Ranking rank(std::span<const Candidate>, const Weights&, double output_tokens, std::uint32_t dice,
             const ChoiceOptions& = {});

}  // namespace routerone::routing
