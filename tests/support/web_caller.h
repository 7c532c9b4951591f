#pragma once

#include <string>
#include <string_view>

#include "common/json/json.h"
#include "tests/daemon/websocket/frames.h"
#include "tests/support/raw_socket.h"

namespace routerone::test {

/// A caller that has opened a WebSocket and reads what it is told, frame by frame.
class WebCaller {
 public:
  struct Heard {
    unsigned opcode = 0;  ///< 99: the connection ended.
    std::string payload;

    Json json() const { return Json::parse(payload, nullptr, false); }
    std::string type() const {
      const Json event = json();
      return event.is_object() ? event.value("type", "") : "";
    }
    /// Of a Close; 0: it names none.
    unsigned code() const {
      if (payload.size() < 2) return 0;
      return static_cast<unsigned char>(payload[0]) * 256u + static_cast<unsigned char>(payload[1]);
    }
  };
  static constexpr unsigned ended = 99;

  /// `lines`: further headers, each ended by CRLF.
  WebCaller(std::uint16_t port, const std::string& lines, const std::string& path = "/v1/responses")
      : socket_(port) {
    socket_.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                 "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                 lines + "\r\n");
    opening = socket_.read_answer();
  }

  void send(std::string_view text) { socket_.send(text_frame(text)); }
  void send_bytes(std::string_view bytes) { socket_.send(bytes); }
  RawSocket& socket() { return socket_; }

  Heard hear() {
    while (size_of_next() == 0) {
      if (socket_.read_some() != Fate::open) return {ended, ""};
      bytes_ = socket_.unread();
    }
    bytes_ = socket_.unread();
    const std::size_t size = size_of_next();
    const std::size_t head = head_size();
    Heard heard{static_cast<unsigned char>(bytes_[0]) & 0x0Fu, bytes_.substr(head, size - head)};
    socket_.forget(size);
    bytes_ = socket_.unread();
    return heard;
  }

  /// The next frame of this type; what comes before is passed over.
  Heard hear_until(std::string_view type) {
    for (;;) {
      Heard heard = hear();
      if (heard.opcode == ended || heard.type() == type) return heard;
    }
  }

  WireAnswer opening;

 private:
  unsigned at(std::size_t i) const { return static_cast<unsigned char>(bytes_[i]); }
  std::size_t head_size() const { return at(1) < 126 ? 2 : at(1) == 126 ? 4 : 10; }
  /// 0: not whole yet.
  std::size_t size_of_next() const {
    if (bytes_.size() < 2 || bytes_.size() < head_size()) return 0;
    std::size_t length = at(1);
    if (length >= 126) {
      length = 0;
      for (std::size_t i = 2; i < head_size(); ++i) length = length * 256 + at(i);
    }
    return bytes_.size() < head_size() + length ? 0 : head_size() + length;
  }

  RawSocket socket_;
  std::string bytes_;
};

}  // namespace routerone::test
