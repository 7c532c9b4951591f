#pragma once

#include <string_view>

#include "common/catalog/price.h"

namespace routerone::catalog {

/// The price of an offer as it stands in the catalog: its `price` object and the conditions beside.
Result<Price> read_offer_price(std::string_view offer_json);

/// A provider's `peak` object.
Result<Price::PeakHours> read_peak_hours(std::string_view json);

}  // namespace routerone::catalog
