#include "daemon/dialect/mended_json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace routerone::dialect {
namespace {

constexpr std::string_view escaped_replacement = "\\ufffd", replacement = "\xef\xbf\xbd";
constexpr std::size_t escape_size = 6;  // `\uXXXX`
constexpr std::string_view largest = "1e308";

/// The unit of a whole `\uXXXX` at the beginning of `text`; 0 if none is there.
std::uint32_t unit_at(std::string_view text) {
  std::uint32_t unit = 0;
  if (text.size() < escape_size || !text.starts_with("\\u")) return 0;
  const char* const end = text.data() + escape_size;
  return std::from_chars(text.data() + 2, end, unit, 16).ptr == end ? unit : 0;
}

bool is_first_half(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_second_half(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// The escape at the beginning of `rest`; how much of it was taken.
std::size_t mend_escape(std::string_view rest, std::string& out) {
  const std::uint32_t unit = unit_at(rest);
  std::size_t size = std::min<std::size_t>(unit == 0 ? 2 : escape_size, rest.size());
  const bool pair = is_first_half(unit) && is_second_half(unit_at(rest.substr(size)));
  if (pair) size += escape_size;
  const bool lone = !pair && (is_first_half(unit) || is_second_half(unit));
  out += lone ? escaped_replacement : rest.substr(0, size);
  return size;
}

/// The character at the beginning of `rest`, which is not ASCII.
std::size_t mend_character(std::string_view rest, std::string& out) {
  const auto lead = static_cast<unsigned char>(rest[0]);
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (size <= rest.size() && simdjson::validate_utf8(rest.data(), size)) {
    out += rest.substr(0, size);
    return size;
  }
  out += replacement;
  return 1;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Is its exponent negative?
bool is_tiny(std::string_view number) {
  const std::size_t e = number.find_first_of("eE");
  return e != std::string_view::npos && number.substr(e + 1).starts_with('-');
}

/// The number at the beginning of `rest`, without its sign.
std::size_t mend_number(std::string_view rest, std::string& out) {
  constexpr std::size_t longest_exact = 18;
  const auto whole =
      static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
  const std::size_t size = std::min(rest.find_first_not_of("0123456789.eE+-"), rest.size());
  const std::string_view number = rest.substr(0, size);
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + size, value);
  const bool huge = read.ec == std::errc::result_out_of_range && !is_tiny(number);
  out += huge ? largest : number;
  if (!huge && whole == size && whole > longest_exact) out += ".0";
  return size;
}

}  // namespace

std::string mended_json(std::string_view json) {
  std::string out;
  out.reserve(json.size() + 16);
  bool inside = false;  // A string.
  while (!json.empty()) {
    std::size_t taken = 1;
    if (json[0] == '"') inside = !inside;
    if (json[0] == '\\') {
      taken = mend_escape(json, out);
    } else if (!inside && is_digit(json[0])) {
      taken = mend_number(json, out);
    } else if ((json[0] & 0x80) != 0) {
      taken = mend_character(json, out);
    } else {
      out += json[0];
    }
    json.remove_prefix(taken);
  }
  return out;
}

}  // namespace routerone::dialect
