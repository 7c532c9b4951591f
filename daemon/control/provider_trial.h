#pragma once

#include <string>

#include "common/json/json.h"
#include "daemon/control/nouns.h"
#include "daemon/routing/model_table.h"

namespace routerone::control {

/// Tries a provider out with each of its credentials at each of its endpoints, by real calls
/// through the upstream client: its model list, then the path requests go to. Without a model that
/// second request is one no provider can serve, so it costs nothing; a refused key, a wrong path or
/// host show all the same. Answers
/// `{ok, checks: [..]}` with what is wrong and what mends it; bodies are judged, never repeated.
Json try_provider(const ProviderRecord&, const routing::Credentials&, const std::string& model,
                  Desk);

}  // namespace routerone::control
