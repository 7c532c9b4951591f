#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace routerone {

/// What a target is called. Made once, by `name_target`, and shared by all that speak of it, so
/// that a plan of twenty copies no text.
struct TargetName {
  std::string provider, account;  ///< `account` empty: its only one, or the first.
  std::string model;              ///< Canonical id, else PROVIDER/UPSTREAM_ID.
  std::string upstream_model;     ///< Sent as `model`, byte for byte.
  std::string health = {};        ///< Under which its health is kept: health_name() of it.
};

/// `provider/upstream_model`, or `provider#account/..` for one of several credentials, whose limits
/// are their own.
inline std::string health_name(std::string_view provider, std::string_view account,
                               std::string_view upstream_model) {
  std::string name;
  name.reserve(provider.size() + account.size() + upstream_model.size() + 2);
  name += provider;
  if (!account.empty()) (name += '#') += account;
  return (name += '/') += upstream_model;
}

/// `health` is made here, whatever it was.
inline std::shared_ptr<const TargetName> name_target(TargetName name) {
  name.health = health_name(name.provider, name.account, name.upstream_model);
  return std::make_shared<const TargetName>(std::move(name));
}

}  // namespace routerone
