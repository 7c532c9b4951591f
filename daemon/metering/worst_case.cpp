#include "daemon/metering/worst_case.h"

#include <algorithm>

#include "daemon/metering/rates.h"
#include "daemon/metering/sum.h"

namespace routerone::metering {
namespace {

using catalog::Price;
using catalog::Rates;

template <class See>
void at_each_step(const Price& price, const Bounds& bounds, const Rates& rates, See see) {
  see(rates);
  for (const Price::Step& step : price.tiers) {
    if (step.min_input_tokens > bounds.input_tokens) break;
    Rates changed = rates;
    replace(changed, step.replaces);
    see(changed);
  }
}

template <class See>
void at_each_tier(const Price& price, const Rates& rates, See see) {
  see(rates);
  for (const Price::ServiceTier& tier : price.service_tiers) {
    Rates own = rates;
    enter_tier(own, tier.replaces);
    see(own);
  }
}

/// The table as it is, and each that is announced until the horizon.
template <class See>
void at_each_time(const Price& price, const Bounds& bounds, See see) {
  see(table_at(price, bounds.now));
  for (const Price::Change& change : price.scheduled) {
    if (change.from > bounds.now && change.from <= bounds.now + bounds.horizon) {
      see(table_at(price, change.from));
    }
  }
}

/// Shows `see` every set of rates that a request within the bounds may be charged at.
template <class See>
void at_all_that_may_apply(const Price& price, const Bounds& bounds, See see) {
  const auto hour = [&](const Rates& rates) {
    at_each_tier(price, rates, [&](const Rates& own) { at_each_step(price, bounds, own, see); });
  };
  at_each_time(price, bounds, [&](const Rates& table) {
    hour(table);
    if (!price.off_peak) return;
    Rates changed = table;
    replace(changed, *price.off_peak);
    hour(changed);
  });
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
  at_all_that_may_apply(*price, bounds, [&](const Rates& may_be) {
    const ClassRates rates = class_rates(may_be);
    Sum input, output;
    input.add(bounds.input_tokens, dearest_input(rates, bounds.cache_writes));
    input.add(bounds.web_searches, rates.web_search);
    input.add(bounds.requests, rates.request);
    input.add(bounds.images_made, rates.image_made);
    output.add(bounds.choices, dearest_output(rates));
    worst.input = std::max(worst.input, input.money());
    worst.output_rate = std::max(worst.output_rate, output.value());
  });
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
