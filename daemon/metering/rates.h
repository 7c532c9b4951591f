#pragma once

#include <cstdint>
#include <string_view>

#include "common/catalog/price.h"
#include "common/core/clock.h"

namespace routerone::metering {

/// What each class of tokens costs, picodollars a token, with the fallbacks of catalog/SCHEMA,
/// "Cost of a request", step 3: a class without a rate of its own costs what is nearest to it,
/// never nothing. Fees are picodollars each.
struct ClassRates {
  std::int64_t input = 0, cache_read = 0, cache_write = 0, cache_write_1h = 0, input_audio = 0,
               cache_read_audio = 0, input_image = 0;
  std::int64_t output = 0, reasoning = 0, output_audio = 0, output_image = 0;
  std::int64_t web_search = 0, request = 0, image_made = 0;
};

ClassRates class_rates(const catalog::Rates&);

/// The steps of picking rates, in the order of SCHEMA's step 2. Each changes what the one before
/// it left.

/// The table, with every announced change that is in force.
catalog::Rates table_at(const catalog::Price&, WallTime);

/// Is it outside the provider's peak hours, and has the price a table for that?
bool is_off_peak(const catalog::Price&, WallTime);

/// What `by` posts takes the place of what was there.
void replace(catalog::Rates&, const catalog::Rates& by);

/// A tier is a table of its own: what it leaves out follows its own input and output, never the
/// standard tier's cheaper classes. Fees stay.
void enter_tier(catalog::Rates&, const catalog::Rates& tier);

/// The step for a request of so many input tokens, of all classes; null: none yet.
const catalog::Price::Step* step_for(const catalog::Price&, std::int64_t input_tokens);

/// The tier's table under a name that a provider says it served; null: it has none of its own.
const catalog::Rates* tier_named(const catalog::Price&, std::string_view name);

}  // namespace routerone::metering
