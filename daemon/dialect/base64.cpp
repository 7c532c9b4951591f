#include "daemon/dialect/base64.h"

#include <array>
#include <cstdint>

namespace routerone::dialect {
namespace {

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::uint8_t blank = 64, wrong = 65;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> out{};
  for (std::uint8_t& value : out) value = wrong;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    out[static_cast<unsigned char>(letters[i])] = static_cast<std::uint8_t>(i);
  }
  out['+'] = out['-'] = 62;
  out['/'] = out['_'] = 63;
  out[' '] = out['\t'] = out['\r'] = out['\n'] = blank;
  return out;
}();

std::string encode(std::string_view bytes, std::string_view last_two) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;
  const auto put = [&](std::uint32_t six) { out += six < 62 ? letters[six] : last_two[six - 62]; };
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    held += 8;
    while (held >= 6) put(bits >> (held -= 6) & 63);
  }
  if (held > 0) put(bits << (6 - held) & 63);
  return out;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out = encode(bytes, "+/");
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::string to_base64url(std::string_view bytes) { return encode(bytes, "-_"); }

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int held = 0;
  bool padded = false;
  for (const char c : text) {
    if (c == '=') padded = true;
    const std::uint8_t value = c == '=' ? blank : values[static_cast<unsigned char>(c)];
    if (value == blank) continue;
    if (value == wrong || padded) return std::nullopt;
    bits = bits << 6 | value;
    held += 6;
    if (held >= 8) out += static_cast<char>(bits >> (held -= 8) & 0xff);
  }
  // Six bits left over are a character that says nothing: something is missing.
  if (held == 6) return std::nullopt;
  return out;
}

}  // namespace routerone::dialect
