#pragma once

#include <string>

#include "daemon/control/nouns.h"

namespace routerone::control {

inline constexpr const char* metrics_path = "/metrics";
inline constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// The page that Prometheus and its like read: requests, tokens, cost and times as RequestCounts
/// has them since the start; targets, budgets, the store and the process as they are now. No
/// secret, no caller's words but names of models, of which there are only so many.
std::string metrics_page(Desk);

}  // namespace routerone::control
