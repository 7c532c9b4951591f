#pragma once

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// `gemini`: generateContent, streamed or not, and countTokens.
const Dialect& gemini_dialect();

}  // namespace routerone::dialect
