#pragma once

#include <string>

#include "daemon/dialect/sse_event.h"

namespace routerone::dialect {

/// The type of an event in the dialects that name it twice: as its data says, which is what their
/// readers go by, else as its `event:` line says.
std::string event_type(const SseEvent&);

}  // namespace routerone::dialect
