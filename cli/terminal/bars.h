#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace routerone::cli {

/// Can this terminal show block characters? Not a dumb one, nor where the locale says plain ASCII.
bool can_draw_blocks();

/// A bar of `width` columns, `share` (0 to 1) of them filled: to an eighth of a column with blocks,
/// else with `#`. More than nothing is never shown as nothing.
std::string bar(double share, std::size_t width, bool blocks);

/// One column a value, from nothing to the highest of them; what is more than nothing is seen to
/// be.
std::string sparkline(std::span<const std::int64_t> values, bool blocks);

}  // namespace routerone::cli
