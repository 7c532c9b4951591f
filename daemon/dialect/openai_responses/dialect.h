#pragma once

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// `openai-responses`.
const Dialect& openai_responses_dialect();

}  // namespace routerone::dialect
