#include "daemon/control/usage_sums.h"

#include "common/core/money.h"

namespace routerone::control {

void add_sums(Json& out, const store::UsageLine& line) {
  out["requests"] = line.requests;
  out["errors"] = line.errors;
  out["input_tokens"] = line.input_tokens;
  out["cache_read_tokens"] = line.cache_read_tokens;
  out["cache_write_tokens"] = line.cache_write_tokens;
  out["output_tokens"] = line.output_tokens;
  out["cost_usd"] = format_usd(line.cost);
  out["cost_picousd"] = line.cost.picousd;
  out["unknown_cost_requests"] = line.unknown_cost;
}

}  // namespace routerone::control
