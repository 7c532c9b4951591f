#pragma once

#include <cstdint>
#include <optional>

#include "common/catalog/price.h"

namespace routerone::routing {

/// About what a request will cost at a posted price, in USD: for choosing, never for charging.
/// `cached` of the `input` tokens are expected to be read from the provider's cache. nullopt: the
/// price is not known.
std::optional<double> expected_dollars(const catalog::Price*, std::int64_t input,
                                       std::int64_t cached, double output);

}  // namespace routerone::routing
