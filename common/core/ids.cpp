#include "common/core/ids.h"

#include <array>
#include <cstdint>

namespace routerone {

std::string make_uuid_v7(WallTime now, Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);

  const auto micros = static_cast<std::uint64_t>(micros_since_epoch(now));
  const std::uint64_t millis = micros / 1000;
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(millis >> (8 * (5 - i)));

  // RFC 9562, 6.2 method 3: the 12 bits after the milliseconds hold the fraction, so ids made in
  // the same millisecond still sort by their time.
  const std::uint64_t fraction = (micros % 1000) * 4096 / 1000;
  bytes[6] = static_cast<std::uint8_t>(0x70 | (fraction >> 8));
  bytes[7] = static_cast<std::uint8_t>(fraction);
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));

  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 0xf];
  }
  return text;
}

}  // namespace routerone
