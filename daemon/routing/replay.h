#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/decision.h"

namespace routerone::routing {

/// What is to be other than it was.
struct ReplayChanges {
  /// In place of those that held; a request that asked for its order itself has it all the same.
  std::optional<RouteWeights> weights;
  std::vector<std::string> without;   ///< Providers that are not there.
  std::optional<std::string> sticky;  ///< The candidate that served the session before.
};

/// The decision as it would have come out: made by `decide` from the same signals and the same
/// draw. Without changes it is the decision that was made. Pure.
Decision replay(const Decision&, const ReplayChanges&);

/// Those that could not serve, as far as the request's attempts and who served it in the end tell:
/// whoever stood before `server` failed, or could not be asked just then; whoever was asked failed.
/// Nothing if `server` is none of the decision's.
std::optional<std::vector<std::string>> passed_over(const Decision&, const std::string& server,
                                                    std::span<const Attempt>);

/// Who serves by a decision: the first that was not passed over. It is taken to serve, even if it
/// was not asked at the time.
struct Served {
  const DecidedCandidate* by = nullptr;  ///< Of the decision; null: nobody is left.
  std::chrono::microseconds lost{};      ///< By the attempts at those before it.
};
Served served_by(const Decision&, std::span<const std::string> passed_over,
                 std::span<const Attempt>);

}  // namespace routerone::routing
