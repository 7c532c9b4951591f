#pragma once

#include <cstdint>

#include "cli/terminal/shown.h"
#include "common/core/money.h"
#include "common/json/json.h"

namespace routerone::cli {

// Requests as they end, one line each, for a terminal of `width` columns: what is wider is cut or
// left out, so that every line lies under the heading whatever came before. Times are local.

Shown tail_heading(int width);
Shown tail_row(const Json& trace, int width);

/// What the requests shown so far came to.
class TailTotal {
 public:
  void add(const Json& trace);
  Shown words() const;

 private:
  std::int64_t requests_ = 0, errors_ = 0, unknown_ = 0, input_ = 0, output_ = 0;
  Money cost_{};
};

}  // namespace routerone::cli
