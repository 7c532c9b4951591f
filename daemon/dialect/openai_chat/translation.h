#pragma once

#include "daemon/dialect/translation.h"

namespace routerone::dialect {

/// Chat Completions to and from the neutral types.
const Translation& openai_chat_translation();

}  // namespace routerone::dialect
