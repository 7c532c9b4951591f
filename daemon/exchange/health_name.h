#pragma once

#include <string>

#include "daemon/exchange/decision.h"
#include "daemon/exchange/target.h"

namespace routerone {

/// The health_name() of what a decision chose from.
inline std::string health_name(const DecidedCandidate& one) {
  return one.provider + (one.account.empty() ? "" : "#" + one.account) + "/" + one.upstream_model;
}

}  // namespace routerone
