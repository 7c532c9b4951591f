#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/catalog/price.h"

namespace routerone::catalog {

/// The rates of a price by their names in the catalog's format.
struct RateName {
  std::string_view name;
  std::optional<std::int64_t> Rates::*member;
  int scale;  ///< What the posted number is divided by to get picodollars a unit, against
              ///< per-million.
};

/// `*_per_1k` is USD per thousand: a thousand times as much a unit as per million.
inline constexpr std::array<RateName, 15> rate_names = {{
    {"input", &Rates::input, 1},
    {"output", &Rates::output, 1},
    {"cache_read", &Rates::cache_read, 1},
    {"cache_write", &Rates::cache_write, 1},
    {"cache_write_1h", &Rates::cache_write_1h, 1},
    {"reasoning", &Rates::reasoning, 1},
    {"input_audio", &Rates::input_audio, 1},
    {"output_audio", &Rates::output_audio, 1},
    {"cache_read_audio", &Rates::cache_read_audio, 1},
    {"input_image", &Rates::input_image, 1},
    {"output_image", &Rates::output_image, 1},
    {"input_video", &Rates::input_video, 1},
    {"web_search_per_1k", &Rates::web_search, 1'000},
    {"request_per_1k", &Rates::request, 1'000},
    {"per_image", &Rates::per_image, 1'000'000},
}};

inline const RateName* find_rate_name(std::string_view name) {
  const auto found = std::find_if(rate_names.begin(), rate_names.end(),
                                  [name](const RateName& one) { return one.name == name; });
  return found == rate_names.end() ? nullptr : &*found;
}

}  // namespace routerone::catalog
