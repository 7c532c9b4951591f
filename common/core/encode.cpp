#include <algorithm>

#include "common/core/text.h"

namespace routerone {

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string base62(std::span<const std::uint8_t> random, std::size_t digits) {
  constexpr std::string_view alphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  // The bytes are one big-endian number; its lowest digits are written, highest first.
  std::vector<std::uint8_t> number(random.begin(), random.end());
  std::string out(digits, alphabet[0]);
  for (auto place = out.rbegin(); place != out.rend(); ++place) {
    unsigned remainder = 0;
    for (auto& byte : number) {
      const unsigned value = remainder << 8 | byte;
      byte = static_cast<std::uint8_t>(value / 62);
      remainder = value % 62;
    }
    *place = alphabet[remainder];
  }
  std::fill(number.begin(), number.end(), std::uint8_t{0});
  return out;
}

}  // namespace routerone
