#include "daemon/websocket/frame.h"

#include <doctest/doctest.h>

#include <string>

using namespace routerone::websocket;

TEST_CASE("a frame of ours says its length in the shortest form, without a mask") {
  const auto head = [](std::size_t size) { return std::string(TextHead(size).bytes()); };
  CHECK(head(0) == std::string("\x81\0", 2));
  CHECK(head(125) == "\x81\x7D");
  CHECK(head(126) == std::string("\x81\x7E\0\x7E", 4));
  CHECK(head(65535) == "\x81\x7E\xFF\xFF");
  CHECK(head(65536) == std::string("\x81\x7F\0\0\0\0\0\1\0\0", 10));
}

TEST_CASE("control frames are whole and short") {
  CHECK(ping_frame("") == std::string("\x89\0", 2));
  CHECK(pong_frame("abc") ==
        "\x8A\x03"
        "abc");
  CHECK(pong_frame(std::string(200, 'x')).size() == 127);
  CHECK(close_frame(CloseCode::going_away, "bye") ==
        "\x88\x05\x03\xE9"
        "bye");
  CHECK(close_frame(CloseCode::none, "unsaid") == std::string("\x88\0", 2));
}
