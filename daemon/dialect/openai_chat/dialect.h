#pragma once

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// `openai-chat`: Chat Completions, Completions and Embeddings.
const Dialect& openai_chat_dialect();

}  // namespace routerone::dialect
