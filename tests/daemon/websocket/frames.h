#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace routerone::test {

/// Frames as clients send them, legal or not.
struct ClientFrame {
  unsigned opcode = 1;
  std::string payload = {};
  bool final = true;
  bool masked = true;
  unsigned reserved = 0;       ///< Three bits.
  unsigned length_bytes = 99;  ///< 0, 2 or 8 behind the second byte; 99: the shortest that fits.
};

inline std::string wire(const ClientFrame& frame) {
  static constexpr std::array<std::uint8_t, 4> mask = {0x37, 0xFA, 0x21, 0x3D};
  const std::size_t size = frame.payload.size();
  const unsigned extended = frame.length_bytes != 99 ? frame.length_bytes
                            : size < 126             ? 0
                            : size <= 0xFFFF         ? 2
                                                     : 8;
  std::string out;
  out += static_cast<char>((frame.final ? 0x80u : 0u) | frame.reserved << 4 | frame.opcode);
  const std::size_t second = extended == 0 ? size : extended == 2 ? 126 : 127;
  out += static_cast<char>((frame.masked ? 0x80u : 0u) | second);
  for (unsigned i = extended; i-- > 0;) {
    out += static_cast<char>(static_cast<std::uint64_t>(size) >> (8 * i));
  }
  if (frame.masked) out.append(mask.begin(), mask.end());
  for (std::size_t i = 0; i < size; ++i) {
    out += static_cast<char>(frame.payload[i] ^ (frame.masked ? mask[i % 4] : 0));
  }
  return out;
}

inline std::string text_frame(std::string_view text) { return wire({1, std::string(text)}); }
inline std::string closing_frame(unsigned code, std::string_view reason = {}) {
  const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
  return wire({8, payload + std::string(reason)});
}

}  // namespace routerone::test
