#pragma once

#include <simdjson.h>

#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// A schema in this dialect's older form (a subset of OpenAPI's: `STRING`, `nullable`) as JSON
/// Schema. Order is kept; what is already JSON Schema stays as it is.
chat::JsonText json_schema_of(simdjson::dom::element openapi);

}  // namespace routerone::dialect::gemini
