#pragma once

#include <simdjson.h>

#include "daemon/exchange/usage.h"

namespace routerone::dialect::bedrock_converse {

/// The `usage` object of a Converse answer: its three input counts are disjoint already. Rule:
/// catalog/SCHEMA, "Cost of a request", step 1.
Usage read_usage(simdjson::dom::element usage);

}  // namespace routerone::dialect::bedrock_converse
