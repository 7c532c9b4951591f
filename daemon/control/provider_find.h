#pragma once

#include <string>

#include "daemon/control/nouns.h"

namespace routerone::control {

/// The record of a provider that was added; null: there is none. Points into `providers`.
template <class Providers>
auto find_added(Providers& providers, const std::string& id) -> decltype(&providers.front()) {
  for (auto& provider : providers)
    if (provider.id == id) return &provider;
  return nullptr;
}

/// Null: none of that id is built in.
const routing::BuiltIn* find_built_in(const std::string& id, Desk);

/// not_found, with what to do about it.
tl::unexpected<Error> no_such_provider(const std::string& id, const ControlData&, Desk);

/// invalid, for one that is built in.
Status refuse_built_in(const std::string& id, Desk);

}  // namespace routerone::control
