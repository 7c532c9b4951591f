#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "daemon/store/readers.h"
#include "daemon/store/trace_store.h"

namespace routerone::store {

/// Sums over traces and, where the conditions can be told of them, over the roll-ups of deleted
/// ones (which know no session, client or hour: these are empty, or their day's first).
Result<std::vector<UsageLine>> sum_usage(const Readers&, const std::vector<std::string>& group_by,
                                         const Query&);

}  // namespace routerone::store
