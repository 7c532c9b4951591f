#include "daemon/metering/rates.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"

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

constexpr std::array<Rate Rates::*, 3> fees = {&Rates::web_search, &Rates::request,
                                               &Rates::per_image};

bool in_peak(const Price::PeakHours& peak, WallTime now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::weekday weekday{day};
  const unsigned bit = weekday.iso_encoding() - 1;
  if ((peak.weekdays >> bit & 1U) == 0) return false;
  if (std::find(peak.except.begin(), peak.except.end(), day) != peak.except.end()) return false;
  const auto minute = std::chrono::floor<std::chrono::minutes>(now - day).count();
  return std::any_of(peak.utc_minutes.begin(), peak.utc_minutes.end(), [minute](const auto& span) {
    return minute >= span.first && minute < span.second;
  });
}

}  // namespace

ClassRates class_rates(const Rates& rates) {
  ClassRates out;
  out.input = rates.input.value_or(0);
  out.cache_read = rates.cache_read.value_or(out.input);
  out.cache_write = rates.cache_write.value_or(out.input);
  out.cache_write_1h = rates.cache_write_1h.value_or(out.cache_write);
  out.input_audio = rates.input_audio.value_or(out.input);
  out.cache_read_audio = rates.cache_read_audio.value_or(out.cache_read);
  out.input_image = rates.input_image.value_or(out.input);
  out.output = rates.output.value_or(0);
  out.reasoning = rates.reasoning.value_or(out.output);
  out.output_audio = rates.output_audio.value_or(out.output);
  out.output_image = rates.output_image.value_or(out.output);
  out.web_search = rates.web_search.value_or(0);
  out.request = rates.request.value_or(0);
  out.image_made = rates.per_image.value_or(0);
  return out;
}

Rates table_at(const Price& price, WallTime now) {
  Rates rates = price.table;
  for (const Price::Change& change : price.scheduled) {
    if (change.from <= now) replace(rates, change.replaces);
  }
  return rates;
}

bool is_off_peak(const Price& price, WallTime now) {
  return price.off_peak && price.peak && !in_peak(*price.peak, now);
}

void replace(Rates& rates, const Rates& by) {
  for (const auto rate : all_rates) {
    if (by.*rate) rates.*rate = by.*rate;
  }
}

void enter_tier(Rates& rates, const Rates& tier) {
  Rates own = tier;
  if (!own.input) own.input = rates.input;
  if (!own.output) own.output = rates.output;
  for (const auto fee : fees) {
    if (!(own.*fee)) own.*fee = rates.*fee;
  }
  rates = own;
}

const Price::Step* step_for(const Price& price, std::int64_t input_tokens) {
  const auto step = std::find_if(
      price.tiers.rbegin(), price.tiers.rend(),
      [input_tokens](const Price::Step& one) { return one.min_input_tokens <= input_tokens; });
  return step == price.tiers.rend() ? nullptr : &*step;
}

const Rates* tier_named(const Price& price, std::string_view name) {
  for (const Price::ServiceTier& tier : price.service_tiers) {
    if (iequals(tier.name, name)) return &tier.replaces;
  }
  return nullptr;
}

}  // namespace routerone::metering
