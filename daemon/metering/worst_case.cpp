#include "daemon/metering/worst_case.h"

#include <algorithm>
#include <vector>

#include "daemon/metering/rates.h"
#include "daemon/metering/sum.h"

namespace routerone::metering {
namespace {

using catalog::Price;
using catalog::Rates;

/// Every state that the table goes through from now to the horizon.
std::vector<Rates> tables(const Price& price, const Bounds& bounds) {
  std::vector<Rates> out = {table_at(price, bounds.now)};
  for (const Price::Change& change : price.scheduled) {
    if (change.from > bounds.now && change.from <= bounds.now + bounds.horizon) {
      out.push_back(table_at(price, change.from));
    }
  }
  return out;
}

/// Adds to each of `all` what `change` makes of it, as another thing that may be.
template <class Change>
void branch(std::vector<Rates>& all, Change change) {
  const std::size_t before = all.size();
  for (std::size_t i = 0; i < before; ++i) {
    Rates changed = all[i];
    change(changed);
    all.push_back(changed);
  }
}

/// Every set of rates that a request within the bounds may be charged at.
std::vector<Rates> all_that_may_apply(const Price& price, const Bounds& bounds) {
  std::vector<Rates> all = tables(price, bounds);
  if (price.off_peak) branch(all, [&](Rates& rates) { replace(rates, *price.off_peak); });
  const std::vector<Rates> standard = all;
  for (const Price::ServiceTier& tier : price.service_tiers) {
    for (Rates rates : standard) {
      enter_tier(rates, tier.replaces);
      all.push_back(rates);
    }
  }
  const std::vector<Rates> short_ones = all;
  for (const Price::Step& step : price.tiers) {
    if (step.min_input_tokens > bounds.input_tokens) break;
    for (Rates rates : short_ones) {
      replace(rates, step.replaces);
      all.push_back(rates);
    }
  }
  return all;
}

std::int64_t dearest_input(const ClassRates& rates, bool cache_writes) {
  const std::int64_t read = std::max({rates.input, rates.cache_read, rates.input_audio,
                                      rates.cache_read_audio, rates.input_image});
  return cache_writes ? std::max({read, rates.cache_write, rates.cache_write_1h}) : read;
}

std::int64_t dearest_output(const ClassRates& rates) {
  return std::max({rates.output, rates.reasoning, rates.output_audio, rates.output_image});
}

}  // namespace

WorstCase worst_case(const Price* price, const Bounds& bounds) {
  WorstCase worst;
  if (price == nullptr) return worst;
  worst.known = true;
  for (const Rates& may_be : all_that_may_apply(*price, bounds)) {
    const ClassRates rates = class_rates(may_be);
    Sum input, output;
    input.add(bounds.input_tokens, dearest_input(rates, bounds.cache_writes));
    input.add(bounds.web_searches, rates.web_search);
    input.add(1, rates.request);
    output.add(bounds.choices, dearest_output(rates));
    worst.input = std::max(worst.input, input.money());
    worst.output_rate = std::max(worst.output_rate, output.value());
  }
  return worst;
}

WorstCase worst_of(const RoutePlan& plan, const Bounds& bounds) {
  WorstCase worst;
  worst.known = true;
  for (const Target& target : plan.targets) {
    const WorstCase one = worst_case(target.price, bounds);
    worst.input = std::max(worst.input, one.input);
    worst.output_rate = std::max(worst.output_rate, one.output_rate);
    worst.known = worst.known && one.known;
  }
  return worst;
}

}  // namespace routerone::metering
