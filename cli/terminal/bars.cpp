#include "cli/terminal/bars.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::size_t steps = 8;
constexpr std::array<std::string_view, steps> eighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr std::array<std::string_view, steps> heights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, steps> plain_heights = {"_", ".", ":", "-",
                                                               "=", "+", "*", "#"};

std::string_view locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const char* value = std::getenv(name); value && *value != '\0') return value;
  return "";
}

/// 0 for nothing, else 1 to `most`.
std::size_t step_of(double share, std::size_t most) {
  if (!(share > 0)) return 0;
  const double step = std::round(std::min(share, 1.0) * static_cast<double>(most));
  return std::max<std::size_t>(1, static_cast<std::size_t>(step));
}

}  // namespace

bool can_draw_blocks() {
  const char* kind = std::getenv("TERM");
  if (kind && std::string_view(kind) == "dumb") return false;
  // Unset is what containers have, and their terminals are the host's.
  const std::string where = lower(locale());
  return where.empty() || where.find("utf-8") != where.npos || where.find("utf8") != where.npos;
}

std::string bar(double share, std::size_t width, bool blocks) {
  const std::size_t fine = blocks ? steps : 1;
  const std::size_t filled = step_of(share, width * fine);
  std::string out;
  for (std::size_t i = 0; i < filled / fine; ++i) out += blocks ? heights.back() : "#";
  const std::size_t rest = filled % fine;
  if (rest > 0) out += eighths[rest];
  out.append(width - filled / fine - (rest > 0 ? 1 : 0), ' ');
  return out;
}

std::string sparkline(std::span<const std::int64_t> values, bool blocks) {
  const std::int64_t highest =
      values.empty() ? 0
                     : std::max<std::int64_t>(0, *std::max_element(values.begin(), values.end()));
  std::string out;
  for (const std::int64_t value : values) {
    const double share =
        highest == 0 ? 0 : static_cast<double>(value) / static_cast<double>(highest);
    out += (blocks ? heights : plain_heights)[step_of(share, steps - 1)];
  }
  return out;
}

}  // namespace routerone::cli
