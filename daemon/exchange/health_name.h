#pragma once

#include <string>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/decision.h"
#include "daemon/exchange/target.h"

namespace routerone {

// Under what name the health of a target is kept, by what is known of it.

inline const std::string& health_name(const Target& target) { return target.name->health; }
inline const std::string& health_name(const DecidedCandidate& one) { return one.name->health; }
inline std::string health_name(const Attempt& one) {
  return health_name(one.provider, one.account, one.upstream_model);
}

}  // namespace routerone
