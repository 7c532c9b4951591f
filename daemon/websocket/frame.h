#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/websocket/close_code.h"

namespace routerone::websocket {

/// The head of a text frame of ours: whole, and never masked (RFC 6455, 5.1).
class TextHead {
 public:
  explicit TextHead(std::size_t payload);
  std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 10> bytes_{};
  std::size_t size_ = 0;
};

/// Whole control frames of ours. Payloads and reasons beyond what one may hold are cut.
std::string ping_frame(std::string_view payload);
std::string pong_frame(std::string_view payload);
/// `none`: without a code.
std::string close_frame(CloseCode, std::string_view reason);

}  // namespace routerone::websocket
