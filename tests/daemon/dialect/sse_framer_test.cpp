#include "daemon/dialect/sse_framer.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "daemon/dialect/sse_event.h"

namespace routerone {
namespace {

using dialect::SseFramer;

/// Whole events, in order; what is left over last, after a bar.
std::string framed(const std::vector<std::string>& chunks) {
  SseFramer framer;
  std::string out;
  for (const std::string& chunk : chunks) {
    framer.push(chunk);
    while (const auto piece = framer.next()) out += "<" + std::string(piece->bytes) + ">";
  }
  framer.push({});
  return out + "|" + std::string(framer.rest());
}

TEST_CASE("events end at a blank line, whatever ends the lines") {
  CHECK(framed({"a\nb\n\nc\n\n"}) == "<a\nb\n\n><c\n\n>|");
  CHECK(framed({"a\r\nb\r\n\r\nc\r\n\r\n"}) == "<a\r\nb\r\n\r\n><c\r\n\r\n>|");
  CHECK(framed({"a\rb\r\rc\r\r"}) == "<a\rb\r\r><c\r\r>|");
  CHECK(framed({"a\n\r\nb\r\n\nc"}) == "<a\n\r\n><b\r\n\n>|c");
}

TEST_CASE("a blank line split between reads stays whole") {
  CHECK(framed({"a\r", "\n\r", "\nb"}) == "<a\r\n\r\n>|b");
  CHECK(framed({"a\n", "\nb\n\n"}) == "<a\n\n><b\n\n>|");
  CHECK(framed({"a\n", "\r", "\n", "b"}) == "<a\n\r\n>|b");
  CHECK(framed({"a\r\r", "b"}) == "<a\r\r>|b");
  CHECK(framed({"\n", "\n"}) == "<\n><\n>|");
}

TEST_CASE("any cutting gives the same bytes and the same events") {
  CHECK(rc::check([] {
    const auto token =
        rc::gen::element<std::string>("data: x", "event: y", ":", "\n", "\n\n", "\r\n", "\r\n\r\n",
                                      "\xC3", "\xA9", "longer text here");
    const auto tokens = *rc::gen::container<std::vector<std::string>>(token);
    std::string text;
    for (const std::string& each : tokens) text += each;
    std::vector<std::string> chunks;
    for (std::size_t at = 0; at < text.size();) {
      const auto size = *rc::gen::inRange<std::size_t>(1, 6);
      chunks.push_back(text.substr(at, size));
      at += size;
    }
    std::vector<std::string> bytes;
    for (const char c : text) bytes.emplace_back(1, c);
    RC_ASSERT(framed(chunks) == framed({text}));
    RC_ASSERT(framed(bytes) == framed({text}));
  }));
}

TEST_CASE("an endless line goes out in parts and grows nothing") {
  SseFramer framer;
  const std::string part(64 << 10, 'x');
  std::size_t given = 0;
  std::size_t largest = 0;
  int starts = 0;
  for (int i = 0; i < 300; ++i) {
    framer.push(part);
    while (const auto piece = framer.next()) {
      starts += piece->kind == SseFramer::Piece::Kind::long_start;
      CHECK(piece->kind != SseFramer::Piece::Kind::event);
      given += piece->bytes.size();
      largest = std::max(largest, piece->bytes.size());
    }
  }
  CHECK(given == 300 * part.size());
  CHECK(starts == 1);
  CHECK(largest <= SseFramer::longest_held + part.size());
  CHECK(framer.inside_long_event());

  framer.push("\n\ndata: short\n\n");
  auto piece = framer.next();
  REQUIRE(piece);
  CHECK(piece->kind == SseFramer::Piece::Kind::long_end);
  CHECK(piece->bytes == "\n\n");
  piece = framer.next();
  REQUIRE(piece);
  CHECK(piece->kind == SseFramer::Piece::Kind::event);
  CHECK(piece->bytes == "data: short\n\n");
}

TEST_CASE("an event of exactly the longest size is still held whole") {
  SseFramer framer;
  std::string event(SseFramer::longest_held, 'x');
  framer.push(event);
  CHECK_FALSE(framer.next());
  framer.push("\n\n");
  const auto piece = framer.next();
  REQUIRE(piece);
  CHECK(piece->kind == SseFramer::Piece::Kind::event);
  CHECK(piece->bytes.size() == event.size() + 2);
}

TEST_CASE("fields of an event are read as the standard says") {
  std::string joined;
  const auto read = [&joined](std::string_view bytes) {
    return dialect::read_event(bytes, joined);
  };
  CHECK(read("data: x\n\n").data == "x");
  CHECK(read("data:x\r\n\r\n").data == "x");
  CHECK(read("data:  x\n\n").data == " x");
  CHECK(read("data: a\ndata\ndata: b\n\n").data == "a\n\nb");
  CHECK(read("\xEF\xBB\xBF"
             "data: x\n\n")
            .data == "x");
  CHECK(read(": note\nevent: e1\nid: 7\nevent: e2\ndata: x\n\n").name == "e2");
  CHECK(read("database: x\n\n").has_data == false);
  CHECK(read(": data: x\n\n").has_data == false);
  CHECK(read("data\n\n").has_data);
}

}  // namespace
}  // namespace routerone
