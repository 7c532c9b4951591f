#pragma once

#include <simdjson.h>

#include "daemon/exchange/usage.h"

namespace routerone::dialect {

/// The usage object of Chat Completions, Completions, Embeddings and Responses, and of the many
/// servers that speak them with fields of their own. Rule: catalog/SCHEMA, "Cost of a request",
/// steps 1 and 5. Counts nobody reported stay absent.
Usage read_openai_usage(simdjson::dom::element usage);

}  // namespace routerone::dialect
