#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/exchange/route_weights.h"
#include "daemon/exchange/target_name.h"

namespace routerone {

/// What is known of one candidate for a request. Absent: unknown.
struct Standpoint {
  std::optional<double> seconds = {};  ///< Expected, from the first byte awaited to the last.
  std::optional<double> dollars = {};  ///< Expected; an estimate for choosing, never for charging.
  std::optional<double> quality = {};  ///< 0 to 1.
  double failure_share = 0;            ///< 0 to 1.
  double headroom = 1;                 ///< What is left of the provider's own limits, 0 to 1.
  int in_flight = 0;
  double share = 1;    ///< The user's weight among equals.
  bool trial = false;  ///< May be tried although others look better.
  /// A last resort: behind all others, which alone set the scale.
  bool reserve = false;
};

/// The terms of a score, each 0 (worst) to 1 (the best there is). `total` is their weighted mean
/// times `health`.
struct Score {
  double latency = 0, cost = 0, quality = 0, health = 0, total = 0;
};

/// One target that could have served, as the decision saw it.
struct DecidedCandidate {
  std::shared_ptr<const TargetName> name;  ///< Not null.
  int tier = 0;                            ///< Lower ones come first, whatever the scores.
  bool out = false;                        ///< It has said when to come back: not called before.
  Standpoint point;
  Score score;  ///< Among those of its tier.
};

/// A target or model that could not serve, and what requirement left it out: `context`, `tools`, ..
struct Exclusion {
  std::string model, provider;
  std::string reason;  ///< A word of a closed list.
};

/// Why a request went where it went: all that a plan is made of, so that it can be made again under
/// other weights. Metadata only.
struct Decision {
  RouteWeights weights;
  std::uint32_t dice = 0;
  std::string sticky;   ///< The candidate that served the session before; empty: none.
  bool sorted = false;  ///< The request asked for this order itself: no sharing, no trials.
  bool trial = false;   ///< The first one was there to be measured.
  std::vector<DecidedCandidate> candidates;
  std::vector<std::size_t> order;  ///< Of `candidates`, best first; without those that are out.
  std::vector<Exclusion> excluded;
};

}  // namespace routerone
