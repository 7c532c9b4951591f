#pragma once

#include "common/json/json_fwd.h"
#include "daemon/store/trace_store.h"

namespace routerone::trace {

/// A trace as `traces show --json` prints it: the names of cli.md, schema 1. Every field is always
/// there; what is not known is null.
Json to_json(const store::StoredTrace&);

}  // namespace routerone::trace
