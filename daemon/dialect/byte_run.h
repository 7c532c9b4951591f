#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace routerone::dialect {

/// Sixteen bytes at a time, in the compilers' portable vectors: what is the fastest on x86-64 is
/// still right elsewhere.
using Block = unsigned char __attribute__((vector_size(16)));

/// The offset of the first byte set in a comparison's result; 16 if none is.
inline unsigned first_hit(Block hits) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t half[2];
  std::memcpy(half, &hits, sizeof half);
  if (half[0] != 0) return static_cast<unsigned>(std::countr_zero(half[0])) / 8;
  if (half[1] != 0) return 8 + static_cast<unsigned>(std::countr_zero(half[1])) / 8;
  return 16;
}

/// The first line feed or carriage return in [at, end); `end` if there is none.
inline const char* find_line_end(const char* at, const char* end) {
  for (; end - at >= 16; at += 16) {
    Block block;
    std::memcpy(&block, at, sizeof block);
    const unsigned hit = first_hit((Block)(block == '\n') | (Block)(block == '\r'));
    if (hit < 16) return at + hit;
  }
  while (at < end && *at != '\n' && *at != '\r') ++at;
  return at;
}

/// What is not plain inside a JSON string: a quote, a backslash or a control character.
inline Block string_stops(const char* at) {
  Block block;
  std::memcpy(&block, at, sizeof block);
  return (Block)(block == '"') | (Block)(block == '\\') | (Block)(block < 0x20);
}

/// The first such byte in [at, end); `end` if there is none. Two blocks one by one, because most
/// strings are short and code is full of escapes; then four a step: long texts are most of what is
/// scanned.
inline const char* find_string_stop(const char* at, const char* end) {
  for (int i = 0; i < 2 && end - at >= 16; ++i, at += 16) {
    const unsigned hit = first_hit(string_stops(at));
    if (hit < 16) return at + hit;
  }
  for (; end - at >= 64; at += 64) {
    const Block any =
        string_stops(at) | string_stops(at + 16) | string_stops(at + 32) | string_stops(at + 48);
    if (first_hit(any) < 16) break;
  }
  for (; end - at >= 16; at += 16) {
    const unsigned hit = first_hit(string_stops(at));
    if (hit < 16) return at + hit;
  }
  while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

}  // namespace routerone::dialect
