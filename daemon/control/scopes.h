#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/core/result.h"
#include "daemon/exchange/control_data.h"

namespace routerone::control {

/// Keys, projects and scopes by the names that users give them.

inline constexpr const char* default_project = "default";  ///< Always there.

/// A key that is not revoked, by name or id; nullptr: none. Belongs to the data.
KeyRecord* live_key(ControlData&, const std::string& name);
const KeyRecord* live_key(const ControlData&, const std::string& name);
/// not_found, with the nearest name.
tl::unexpected<Error> no_such_key(const ControlData&, const std::string& name);

ProjectRecord* find_project(ControlData&, const std::string& name);
const ProjectRecord* find_project(const ControlData&, const std::string& name);
tl::unexpected<Error> no_such_project(const ControlData&, const std::string& name);
/// Names of the live keys of a project.
std::vector<std::string> keys_of(const ControlData&, const std::string& project);

/// What `wallet`, `project:NAME` or `key:NAME` means.
struct Scope {
  std::string shown;                           ///< As users write it.
  std::string ledger;                          ///< As ledger and limits know it: keys by id.
  std::optional<SpendLimit>* spend = nullptr;  ///< In the data it was found in.
};
/// invalid for another form, not_found for what is not there.
Result<Scope> find_scope(ControlData&, const std::string& scope);
/// Wallet, projects, live keys, in this order.
std::vector<Scope> all_scopes(ControlData&);

}  // namespace routerone::control
