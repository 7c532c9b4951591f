#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/exchange/demand.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/usage.h"

namespace routerone::dialect::openai_chat {

/// Reranking, in the shape that most of those who serve it share: `query`, `documents`; `results`.

tl::expected<Demand, Refusal> measure_rerank(std::string_view body);

/// What an answer tells beside `usage`: `meta`, with the searches it was billed as.
void read_rerank_meta(std::string_view meta, Usage& usage);

}  // namespace routerone::dialect::openai_chat
