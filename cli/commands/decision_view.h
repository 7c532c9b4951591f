#pragma once

#include <string>

#include "cli/commands/command.h"

namespace routerone::cli {

/// Prints a routing decision, made or to be made: what weighed how much, each candidate with the
/// terms of its score, the best first, and who was left out and why.
void print_decision(Call&, const Json& decision);

/// `$0.0012`: two digits that count, for what is only an estimate.
std::string usd_about(double dollars);

}  // namespace routerone::cli
