#pragma once

#include "common/json/json.h"
#include "daemon/control/nouns.h"

namespace routerone::control {

/// Of a provider that was added. A credential is never shown, only where it came from.
Json provider_json(const ProviderRecord&, Desk);
/// Of one that is built in.
Json built_in_json(const ProviderRecord&, Desk);
/// The same with the health of each target beside the worst of them.
Json with_targets(Json provider, const ProviderRecord&, Desk);

/// Its credentials, the first (whose name is null) first, each with where it came from and its
/// health.
Json credentials_json(const ProviderRecord&, Desk);

/// Of a provider of the catalog, before it is added.
Json offer_json(const catalog::Provider&);

}  // namespace routerone::control
