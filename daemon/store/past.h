#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/store/readers.h"
#include "daemon/store/trace_store.h"

namespace routerone::store {

/// Tells the requests that the query means, the oldest first, one at a time: however many they are,
/// only some are in memory, and no transaction lasts longer than reading these.
Status visit_past(const Readers&, const Query&,
                  const std::function<void(const PastRequest&)>& visit);

}  // namespace routerone::store
