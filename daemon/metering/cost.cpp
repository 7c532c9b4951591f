#include "daemon/metering/cost.h"

#include <algorithm>
#include <array>
#include <limits>

namespace routerone::metering {
namespace {

using catalog::Price;
using catalog::Rates;
using Rate = std::optional<std::int64_t>;

constexpr std::array<Rate Rates::*, 15> all_rates = {
    &Rates::input,       &Rates::output,         &Rates::cache_read,
    &Rates::cache_write, &Rates::cache_write_1h, &Rates::reasoning,
    &Rates::input_audio, &Rates::output_audio,   &Rates::cache_read_audio,
    &Rates::input_image, &Rates::output_image,   &Rates::input_video,
    &Rates::web_search,  &Rates::request,        &Rates::per_image};

void replace(Rates& rates, const Rates& by) {
  for (const auto rate : all_rates) {
    if (by.*rate) rates.*rate = by.*rate;
  }
}

bool in_peak(const Price::PeakHours& peak, WallTime now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::weekday weekday{day};
  const unsigned bit = weekday.iso_encoding() - 1;
  if ((peak.weekdays >> bit & 1U) == 0) return false;
  const auto minute = std::chrono::floor<std::chrono::minutes>(now - day).count();
  return std::any_of(peak.utc_minutes.begin(), peak.utc_minutes.end(), [minute](const auto& span) {
    return minute >= span.first && minute < span.second;
  });
}

std::int64_t count(const std::optional<std::int64_t>& tokens) { return tokens.value_or(0); }

std::int64_t total_input(const Usage& usage) {
  return count(usage.input) + count(usage.cache_read) + count(usage.cache_write_5m) +
         count(usage.cache_write_1h) + count(usage.input_audio) + count(usage.cache_read_audio) +
         count(usage.input_image);
}

/// SCHEMA, step 2: table, change in force, hour, tier served, context step.
Rates pick_rates(const Usage& usage, const Price& price, WallTime now) {
  Rates rates = price.table;
  for (const Price::Change& change : price.scheduled) {
    if (change.from <= now) replace(rates, change.replaces);
  }
  if (price.off_peak && price.peak && !in_peak(*price.peak, now)) {
    replace(rates, *price.off_peak);
  }
  for (const Price::ServiceTier& tier : price.service_tiers) {
    if (tier.name != usage.service_tier) continue;
    // What a tier leaves out follows its own input and output, not the table's.
    Rates own = tier.replaces;
    if (!own.input) own.input = rates.input;
    if (!own.output) own.output = rates.output;
    own.web_search = own.web_search ? own.web_search : rates.web_search;
    own.request = own.request ? own.request : rates.request;
    rates = own;
  }
  const std::int64_t tokens = total_input(usage);
  for (auto step = price.tiers.rbegin(); step != price.tiers.rend(); ++step) {
    if (step->min_input_tokens > tokens) continue;
    replace(rates, step->replaces);
    break;
  }
  return rates;
}

/// Adds exactly; what does not fit 64 bits stays at their end.
class Sum {
  __extension__ typedef __int128 Wide;

 public:
  void add(std::int64_t tokens, std::int64_t rate) { total_ += static_cast<Wide>(tokens) * rate; }
  Money money() const {
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    return Money{static_cast<std::int64_t>(std::clamp<Wide>(total_, 0, most))};
  }

 private:
  Wide total_ = 0;
};

}  // namespace

Cost cost_of(const Usage& usage, const Price* price, PriceSource source, WallTime now) {
  Cost cost;
  if (price != nullptr && usage.known()) {
    const Rates rates = pick_rates(usage, *price, now);
    const std::int64_t input = rates.input.value_or(0);
    const std::int64_t output = rates.output.value_or(0);
    const std::int64_t read = rates.cache_read.value_or(input);
    const std::int64_t write = rates.cache_write.value_or(input);
    Sum sum;
    sum.add(count(usage.input), input);
    sum.add(count(usage.cache_read), read);
    sum.add(count(usage.cache_write_5m), write);
    sum.add(count(usage.cache_write_1h), rates.cache_write_1h.value_or(write));
    sum.add(count(usage.input_audio), rates.input_audio.value_or(input));
    sum.add(count(usage.cache_read_audio), rates.cache_read_audio.value_or(read));
    sum.add(count(usage.input_image), rates.input_image.value_or(input));
    const std::int64_t reasoning =
        rates.reasoning ? std::min(count(usage.reasoning), count(usage.output)) : 0;
    sum.add(count(usage.output) - reasoning, output);
    sum.add(reasoning, rates.reasoning.value_or(output));
    sum.add(count(usage.output_audio), rates.output_audio.value_or(output));
    sum.add(count(usage.output_image), rates.output_image.value_or(output));
    sum.add(count(usage.web_searches), rates.web_search.value_or(0));
    sum.add(1, rates.request.value_or(0));
    cost.lower_bound = count(usage.cache_write_1h) > 0 && !rates.cache_write_1h;
    cost.amount = sum.money();
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
