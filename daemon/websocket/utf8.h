#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace routerone::websocket {

/// Checks text for UTF-8 as it comes, in any chunking. Strict: no surrogates, nothing overlong,
/// nothing beyond U+10FFFF (RFC 3629).
class Utf8Check {
 public:
  /// False from the first byte on that no continuation could make right.
  bool feed(std::string_view bytes);
  /// Nothing is half said.
  bool at_boundary() const { return due_ == 0; }

 private:
  bool start(std::uint8_t byte);

  unsigned due_ = 0;          ///< Continuation bytes that must follow.
  std::uint8_t low_ = 0x80;   ///< The next one's least ...
  std::uint8_t high_ = 0xBF;  ///< ... and largest value.
};

/// The text with U+FFFD in the place of what is not UTF-8.
std::string as_utf8(std::string_view text);

}  // namespace routerone::websocket
