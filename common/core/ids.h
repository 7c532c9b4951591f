#pragma once

#include <string>

#include "common/core/clock.h"
#include "common/core/random.h"

namespace routerone {

/// A UUIDv7 (RFC 9562) in its 36-character form: sorts by time of making to the millisecond.
std::string make_uuid_v7(WallTime now, Random&);

}  // namespace routerone
