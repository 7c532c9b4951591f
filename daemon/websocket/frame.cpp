#include "daemon/websocket/frame.h"

#include <cstdint>

namespace routerone::websocket {
namespace {

constexpr char final_text = '\x81', final_close = '\x88', final_ping = '\x89', final_pong = '\x8A';
constexpr std::size_t longest_control = 125;

std::string control_frame(char first, std::string_view payload) {
  payload = payload.substr(0, longest_control);
  std::string frame{first, static_cast<char>(payload.size())};
  return frame.append(payload);
}

}  // namespace

TextHead::TextHead(std::size_t payload) {
  bytes_[size_++] = final_text;
  const std::size_t extended = payload < 126 ? 0 : payload <= 0xFFFF ? 2 : 8;
  bytes_[size_++] = static_cast<char>(extended == 0 ? payload : extended == 2 ? 126 : 127);
  for (std::size_t i = extended; i-- > 0;) {
    bytes_[size_++] = static_cast<char>(static_cast<std::uint64_t>(payload) >> (8 * i));
  }
}

std::string ping_frame(std::string_view payload) { return control_frame(final_ping, payload); }
std::string pong_frame(std::string_view payload) { return control_frame(final_pong, payload); }

std::string close_frame(CloseCode code, std::string_view reason) {
  if (code == CloseCode::none) return control_frame(final_close, {});
  const auto number = static_cast<std::uint16_t>(code);
  std::string payload{static_cast<char>(number >> 8), static_cast<char>(number)};
  return control_frame(final_close, payload.append(reason));
}

}  // namespace routerone::websocket
