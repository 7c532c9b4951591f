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
  std::optional<RouteWeights> weights;  ///< In place of those that held.
  std::vector<std::string> without;     ///< Providers that are not there.
  std::optional<std::string> sticky;    ///< The candidate that served the session before.
};

/// The decision as it would have come out: made by `decide` from the same signals and the same
/// draw. Without changes it is the decision that was made. Pure.
Decision replay(const Decision&, const ReplayChanges&);

/// Those that the order has before `server`: they failed, or could not be asked just then. Nothing
/// if the order has no such server.
std::optional<std::vector<std::string>> passed_over(const Decision&, const std::string& server);

/// Who serves by that order: the first that was not passed over. It is taken to serve, even if it
/// was not asked at the time.
struct Served {
  const DecidedCandidate* by = nullptr;  ///< Of the decision; null: nobody is left.
  std::chrono::microseconds lost{};      ///< By the attempts at those before it.
};
Served served_by(const Decision&, std::span<const std::string> passed_over,
                 std::span<const Attempt> attempts);

/// As health_name() of the target that was tried.
std::string name_of(const Attempt&);

}  // namespace routerone::routing
