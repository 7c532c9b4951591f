#pragma once

#include <string>

#include "daemon/exchange/control_data.h"

namespace routerone {

/// Who is asking, once authenticated. Points into the snapshot the request started with.
struct Caller {
  const KeyRecord* key = nullptr;
};

}  // namespace routerone
