#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "common/core/result.h"

namespace routerone::catalog {

/// Picodollars a token (per_image, request, web_search: picodollars each). nullopt: not posted.
struct Rates {
  std::optional<std::int64_t> input, output, cache_read, cache_write, cache_write_1h, reasoning,
      input_audio, output_audio, cache_read_audio, input_image, output_image, input_video,
      web_search, request, per_image;
};

/// A posted price with all its conditions, as catalog/SCHEMA.md describes them.
struct Price {
  Rates table;
  struct Step {
    std::int64_t min_input_tokens = 0;
    Rates replaces;
  };
  std::vector<Step> tiers;  ///< Ascending.
  struct ServiceTier {
    std::string name;  ///< batch, flex, priority, fast
    Rates replaces;
  };
  std::vector<ServiceTier> service_tiers;
  std::optional<Rates> off_peak;
  struct PeakHours {
    std::uint8_t weekdays = 0;                     ///< Bit 0 Monday.
    std::vector<std::pair<int, int>> utc_minutes;  ///< [from, to) minutes of the day.
    /// Days (UTC) without peak, from `except` where it lists dates. Where it only names a calendar
    /// that nobody ships (public holidays), those days count as any other: dearer, never cheaper.
    std::vector<std::chrono::sys_days> except;
  };
  std::optional<PeakHours> peak;
  struct Change {
    WallTime from{};
    Rates replaces;
  };
  std::vector<Change> scheduled;  ///< Ascending.
};

/// Reads the catalog's price object (numbers or decimal strings, USD per million), as given to
/// `models price --from`. Errors name the key at fault.
Result<Price> parse_price(std::string_view json);

}  // namespace routerone::catalog
