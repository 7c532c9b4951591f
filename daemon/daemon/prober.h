#pragma once

#include "daemon/control/control_plane.h"
#include "daemon/net/loop.h"
#include "daemon/upstream/upstream.h"

namespace routerone {

/// Makes the one real call of `providers test` on a worker's loop, from a control thread that waits
/// for it. Bounded: 10 s in all, 64 KiB of answer.
control::ProbeAnswer probe(net::Loop& loop, upstream::Upstream& upstream,
                           const control::ProbeRequest& request);

}  // namespace routerone
