#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/exchange/decision.h"

namespace routerone::store {

/// A decision as a row keeps it, and how much of it did not fit.
struct KeptDecision {
  Decision decision;
  std::size_t candidates_left_out = 0, exclusions_left_out = 0;
};

/// So many of each a row keeps: the first of the order, then those that were out, in the places
/// they had. A decision that was cut can be shown but not made again.
inline constexpr std::size_t most_candidates_kept = 32, most_exclusions_kept = 32;

/// One line of JSON, short because every routed request has one: what a candidate shares with the
/// one before is a 0, what is usual is left out. Numbers are exact.
std::string decision_text(const Decision&);

/// Nothing for a text that is not one of decision_text's, whatever it is.
std::optional<KeptDecision> decision_of(std::string_view);

}  // namespace routerone::store
