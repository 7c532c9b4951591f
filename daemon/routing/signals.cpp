#include "daemon/routing/signals.h"

#include <algorithm>
#include <cmath>

namespace routerone::routing {

/// The first values make a plain mean.
void Signals::Mean::add(double value, double weight) {
  ++count;
  mean += (value - mean) * std::max(weight, 1 / static_cast<double>(count));
}

std::optional<Seconds> Signals::Mean::value() const {
  if (count == 0) return std::nullopt;
  return Seconds(mean);
}

void Signals::note(const Sample& sample, SteadyTime now) {
  double weight = 2 / (options_.tail + 1);
  if (last_noted_) {
    const double silent = Seconds(now - *last_noted_) / Seconds(options_.half_life);
    weight = std::max(weight, std::min(options_.most, 1 - std::exp2(-std::max(silent, 0.0))));
  }
  last_noted_ = now;
  if (sample.failed) last_failed_ = now;
  failures_.add(sample.failed ? 1 : 0, weight);
  if (sample.first_byte) first_byte_.add(sample.first_byte->count(), weight);
  if (sample.per_token) per_token_.add(sample.per_token->count(), weight);
}

double Signals::failure_share(SteadyTime now) const {
  if (!last_failed_) return 0;
  return failures_.mean * std::exp2(-(Seconds(now - *last_failed_) / Seconds(options_.forgiven)));
}

}  // namespace routerone::routing
