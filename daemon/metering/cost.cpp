#include "daemon/metering/cost.h"

#include <algorithm>

#include "daemon/metering/rates.h"
#include "daemon/metering/sum.h"

namespace routerone::metering {
namespace {

using catalog::Price;
using catalog::Rates;

std::int64_t count(const std::optional<std::int64_t>& tokens) { return tokens.value_or(0); }

/// Of all classes: what the context steps go by.
std::int64_t total_input(const Usage& usage) {
  Sum sum;
  for (const auto& part :
       {usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h,
        usage.input_audio, usage.cache_read_audio, usage.input_image}) {
    sum.add(count(part), 1);
  }
  return sum.value();
}

/// SCHEMA, step 2: table, change in force, hour, tier served, context step.
Rates pick_rates(const Usage& usage, const Price& price, WallTime now) {
  Rates rates = table_at(price, now);
  if (is_off_peak(price, now)) replace(rates, *price.off_peak);
  if (const Rates* tier = tier_named(price, usage.service_tier)) enter_tier(rates, *tier);
  if (const Price::Step* step = step_for(price, total_input(usage))) {
    replace(rates, step->replaces);
  }
  return rates;
}

Money list_cost(const Usage& usage, const ClassRates& rates) {
  const std::int64_t reasoning = std::min(count(usage.reasoning), count(usage.output));
  Sum sum;
  sum.add(count(usage.input), rates.input);
  sum.add(count(usage.cache_read), rates.cache_read);
  sum.add(count(usage.cache_write_5m), rates.cache_write);
  sum.add(count(usage.cache_write_1h), rates.cache_write_1h);
  sum.add(count(usage.input_audio), rates.input_audio);
  sum.add(count(usage.cache_read_audio), rates.cache_read_audio);
  sum.add(count(usage.input_image), rates.input_image);
  sum.add(count(usage.output) - reasoning, rates.output);
  sum.add(reasoning, rates.reasoning);
  sum.add(count(usage.output_audio), rates.output_audio);
  sum.add(count(usage.output_image), rates.output_image);
  sum.add(count(usage.web_searches), rates.web_search);
  sum.add(usage.requests.value_or(1), rates.request);
  sum.add(count(usage.images_made), rates.image_made);
  return sum.money();
}

}  // namespace

Cost cost_of(const Usage& usage, const Price* price, PriceSource source, WallTime now) {
  Cost cost;
  const bool by_the_image = price != nullptr && price->table.per_image && usage.images_made;
  if (price != nullptr && (usage.known() || by_the_image)) {
    const Rates rates = pick_rates(usage, *price, now);
    cost.lower_bound = count(usage.cache_write_1h) > 0 && !rates.cache_write_1h;
    cost.amount = list_cost(usage, class_rates(rates));
    cost.source = source;
  }
  if (usage.stated_cost && usage.stated_cost->picousd > 0) {
    cost.list = cost.amount;
    cost.amount = usage.stated_cost;
    cost.source = PriceSource::upstream;
  }
  return cost;
}

}  // namespace routerone::metering
