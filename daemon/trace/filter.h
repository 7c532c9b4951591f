#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/core/clock.h"
#include "common/core/result.h"
#include "daemon/store/trace_store.h"

namespace routerone::trace {

/// Reads FILTER terms as cli.md has them, joined by AND:
///   key=NAME model=GLOB provider=ID project=NAME session=ID status=429 status>=500 cost>0.01
///   latency>2s route=fallback error=.. state=.. since=2h until=2026-11-20T12:00:00Z
/// `= != < <= > >=`; texts take `*` and `?`; times are RFC 3339, a date, or a duration before
/// `now`. A model may leave its lab out. Errors say what is wrong and which fields there are. Pure;
/// the query's limit and order are left as they are by default.
Result<store::Query> parse_filter(std::span<const std::string> terms, WallTime now);

/// The fields a term may begin with, for help and completion.
std::vector<std::string> filter_fields();

}  // namespace routerone::trace
