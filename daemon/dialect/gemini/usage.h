#pragma once

#include <simdjson.h>

#include "daemon/exchange/usage.h"

namespace routerone::dialect::gemini {

/// A `usageMetadata` object as disjoint counts. Rule: catalog/SCHEMA, "Cost of a request", step 1.
/// The chunks of a stream carry running totals: the last one is the usage. Searches stand elsewhere
/// in an answer (groundingMetadata).
Usage read_usage(simdjson::dom::element usage);

}  // namespace routerone::dialect::gemini
