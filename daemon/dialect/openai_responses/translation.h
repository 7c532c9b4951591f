#pragma once

#include "daemon/dialect/translation.h"

namespace routerone::dialect {

/// Responses, to and from the neutral types.
const Translation& openai_responses_translation();

}  // namespace routerone::dialect
