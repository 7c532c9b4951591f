#include "daemon/routing/expected_cost.h"

#include <algorithm>

namespace routerone::routing {

std::optional<double> expected_dollars(const catalog::Price* price, std::int64_t input,
                                       std::int64_t cached, double output) {
  if (price == nullptr) return std::nullopt;
  auto in = price->table.input, out = price->table.output, read = price->table.cache_read;
  for (const auto& step : price->tiers) {
    if (input < step.min_input_tokens) break;
    if (step.replaces.input) in = step.replaces.input;
    if (step.replaces.output) out = step.replaces.output;
    if (step.replaces.cache_read) read = step.replaces.cache_read;
  }
  const auto rate = [](const std::optional<std::int64_t>& picodollars) {
    return static_cast<double>(picodollars.value_or(0)) * 1e-12;
  };
  const auto hit = static_cast<double>(std::min(cached, input));
  return (static_cast<double>(input) - hit) * rate(in) + hit * rate(read ? read : in) +
         output * rate(out) + rate(price->table.request);
}

}  // namespace routerone::routing
