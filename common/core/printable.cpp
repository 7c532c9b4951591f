#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/core/text.h"

namespace routerone {
namespace {

struct Range {
  char32_t first, last;
};

/// Characters that move, hide or reorder what is beside them (Unicode: Cf, line and paragraph
/// separators, blank fillers).
constexpr std::array<Range, 18> unseen = {{{0x00ad, 0x00ad},
                                           {0x034f, 0x034f},
                                           {0x061c, 0x061c},
                                           {0x070f, 0x070f},
                                           {0x115f, 0x1160},
                                           {0x17b4, 0x17b5},
                                           {0x180b, 0x180e},
                                           {0x200b, 0x200f},
                                           {0x2028, 0x202e},
                                           {0x2060, 0x206f},
                                           {0x3164, 0x3164},
                                           {0xd800, 0xdfff},
                                           {0xfeff, 0xfeff},
                                           {0xffa0, 0xffa0},
                                           {0xfff0, 0xfffb},
                                           {0x1bca0, 0x1bca3},
                                           {0x1d173, 0x1d17a},
                                           {0xe0000, 0xe0fff}}};

constexpr char32_t invalid = 0xffffffff;

struct Decoded {
  char32_t character = invalid;
  std::size_t length = 1;
};

/// One character of UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) return {};
  char32_t value = byte(0) & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, length};
}

bool is_unseen(char32_t c) {
  return std::any_of(unseen.begin(), unseen.end(),
                     [c](Range range) { return c >= range.first && c <= range.last; });
}

/// What stands for a character that may not be shown; empty: it may.
std::string escape(char32_t c) {
  if (c == invalid) return "\xef\xbf\xbd";
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  const auto number = static_cast<std::uint32_t>(c);
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return fmt::format("\\x{:02x}", number);
  if (is_unseen(c)) return fmt::format("\\u{{{:x}}}", number);
  return {};
}

}  // namespace

std::string printable(std::string_view untrusted, std::size_t most) {
  std::string out;
  for (std::size_t used = 0; !untrusted.empty();) {
    if (const char first = untrusted.front(); first >= 0x20 && first < 0x7f) {
      // Nearly all there is, and an export shows millions of it.
      if (++used > most) break;
      out += first;
      untrusted.remove_prefix(1);
      continue;
    }
    const Decoded next = decode(untrusted);
    const std::string shown = escape(next.character);
    const bool one_wide = shown.empty() || next.character == invalid;
    used += one_wide ? 1 : shown.size();
    if (used > most) break;
    if (shown.empty())
      out += untrusted.substr(0, next.length);
    else
      out += shown;
    untrusted.remove_prefix(next.length);
  }
  return out;
}

}  // namespace routerone
