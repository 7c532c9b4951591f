#include "daemon/websocket/utf8.h"

#include <cstring>

namespace routerone::websocket {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080u;

/// How many bytes at the front are plain ASCII, counted by eights.
std::size_t plain_run(std::string_view bytes) {
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t block = 0;
    std::memcpy(&block, bytes.data() + at, sizeof block);
    if ((block & high_bits) != 0) break;
  }
  return at;
}

}  // namespace

bool Utf8Check::start(std::uint8_t byte) {
  low_ = 0x80;
  high_ = 0xBF;
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  due_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) low_ = 0xA0;   // else overlong
  if (byte == 0xED) high_ = 0x9F;  // else a surrogate
  if (byte == 0xF0) low_ = 0x90;   // else overlong
  if (byte == 0xF4) high_ = 0x8F;  // else beyond the last character
  return true;
}

bool Utf8Check::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (due_ == 0) {
      bytes.remove_prefix(plain_run(bytes));
      if (bytes.empty()) break;
    }
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (due_ == 0) {
      if (!start(byte)) return false;
      continue;
    }
    if (byte < low_ || byte > high_) return false;
    low_ = 0x80;
    high_ = 0xBF;
    --due_;
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string out;
  out.reserve(text.size() + replacement.size());
  for (std::size_t at = 0; at < text.size();) {
    Utf8Check check;
    std::size_t size = 0;
    bool sound = true;
    do {
      sound = check.feed(text.substr(at + size, 1));
      if (sound || size == 0) ++size;  // what breaks a character off may begin the next
    } while (sound && !check.at_boundary() && at + size < text.size());
    const bool whole = sound && check.at_boundary();
    out.append(whole ? text.substr(at, size) : replacement);
    at += size;
  }
  return out;
}

}  // namespace routerone::websocket
