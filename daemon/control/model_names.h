#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "daemon/control/nouns.h"

namespace routerone::control {

/// The name under which prices and chains of a model are kept: the user's alias, a canonical id or
/// alias of the catalog, PROVIDER/UPSTREAM_ID of a provider that is there, or a slug that only one
/// catalog model has. not_found suggests the nearest; a pin is invalid. Rules: cli.md, "Model names
/// in requests".
Result<std::string> canonical_model(const std::string& name, const ControlData&, Desk);

/// Where an alias or a chain may lead: to a model as above, or to one pinned, MODEL@PROVIDER.
Result<std::string> routed_model(const std::string& name, const ControlData&, Desk);

/// The provider of PROVIDER/UPSTREAM_ID, if one of that id is there; else empty.
std::string provider_of(const std::string& model, const ControlData&, Desk);

/// Every name that stands for a model here, for suggestions.
std::vector<std::string> known_names(const ControlData&, Desk);

}  // namespace routerone::control
