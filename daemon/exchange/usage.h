#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/core/money.h"

namespace routerone {

/// Tokens counted, in disjoint classes: every token is in exactly one of the input classes or in
/// output. Missing is not zero: a class nobody reported is nullopt. Rule: catalog/SCHEMA, "Cost of
/// a request", step 1.
struct Usage {
  std::optional<std::int64_t> input;  ///< Uncached text input.
  std::optional<std::int64_t> cache_read;
  std::optional<std::int64_t> cache_write_5m;
  std::optional<std::int64_t> cache_write_1h;
  std::optional<std::int64_t> output;        ///< Reasoning included.
  std::optional<std::int64_t> reasoning;     ///< Of which; inside output.
  std::optional<std::int64_t> input_audio;   ///< Not inside input.
  std::optional<std::int64_t> output_audio;  ///< Not inside output.
  std::optional<std::int64_t> cache_read_audio;
  std::optional<std::int64_t> input_image;
  std::optional<std::int64_t> output_image;
  std::optional<std::int64_t> web_searches;
  std::optional<std::int64_t> images_made;  ///< Where they may be billed each.
  std::optional<std::int64_t> requests;     ///< As how many it was billed, if not as one.
  std::string service_tier;                 ///< The one the provider says it served; may be empty.
  std::optional<Money> stated_cost;         ///< A cost the provider itself stated, if above 0.

  bool known() const { return input.has_value() || output.has_value(); }
};

enum class UsageSource { none, upstream, estimate };

}  // namespace routerone
