#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/exchange/demand.h"

namespace routerone::tokens {

/// The most input tokens that a request can be charged for, all classes together (cached or not),
/// at a model (its canonical id or, failing that, the provider's own name for it: what an image
/// counts depends on it). `context` is the model's; a request with server tools is read several
/// times, so the bound can be a multiple of it. nullopt: it refers to what only the provider has,
/// or names a model without a known context, so there is no bound. How it was tested: README.md.
std::optional<std::int64_t> input_bound(const Demand&, std::string_view model,
                                        std::optional<std::int64_t> context);

}  // namespace routerone::tokens
