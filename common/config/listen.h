#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/config/paths.h"
#include "common/core/result.h"

namespace routerone {

using ListenAddresses = std::vector<ListenAddress>;

/// `127.0.0.1:7411`, `[::1]:7411`.
std::string to_text(const ListenAddress&);

/// Where to listen: what was `said`, else ROUTERONE_LISTEN, else what was remembered, else the
/// default. A port without a host becomes both loopback addresses, so no host is empty.
Result<ListenAddresses> choose_addresses(const Paths&, const ListenAddresses& said);

/// Where metrics may be served: to this machine only, at a port that is said. invalid.
Status check_metrics_address(const ListenAddress&);

/// What `up` was last told and got, one address a line: programs were given it since. Kept until
/// `up` is told another. Empty if there is nothing. invalid: somebody wrote something else there.
Result<ListenAddresses> remembered_addresses(const Paths&);
Status remember_addresses(const Paths&, const std::vector<std::string>& listening);

}  // namespace routerone
