#pragma once

#include <string>

#include "daemon/exchange/trace_row.h"

namespace routerone {

/// A request of the past as OpenRouter's `/api/v1/generation` tells it: metadata only, as the trace
/// has it. Costs and counts nobody knows are null, not 0. Times are milliseconds.
std::string write_generation(const TraceRow&);

}  // namespace routerone
