#pragma once

#include <string>
#include <string_view>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/decision.h"
#include "daemon/exchange/target.h"

namespace routerone {

/// The health_name() of a target by its parts; `account` empty: the provider's first credential.
inline std::string health_name(std::string_view provider, std::string_view account,
                               std::string_view upstream_model) {
  std::string name;
  name.reserve(provider.size() + account.size() + upstream_model.size() + 2);
  name += provider;
  if (!account.empty()) (name += '#') += account;
  return (name += '/') += upstream_model;
}
/// Of what a decision chose from.
inline std::string health_name(const DecidedCandidate& one) {
  return health_name(one.provider, one.account, one.upstream_model);
}
/// Of the target that was tried.
inline std::string health_name(const Attempt& one) {
  return health_name(one.provider, one.account, one.upstream_model);
}

}  // namespace routerone
