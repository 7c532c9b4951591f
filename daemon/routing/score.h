#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace routerone::routing {

/// What counts how much. Only their proportions matter; all zero is as if all were equal.
struct Weights {
  double latency = 1, cost = 1, quality = 1;

  /// Shares of one. Negative and absurd numbers count as none.
  Weights normalised() const;
};

/// `fast`, `cheap`, `best`, `balanced`.
std::optional<Weights> profile(std::string_view name);

/// What is known of one candidate for this request. Absent: unknown.
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
