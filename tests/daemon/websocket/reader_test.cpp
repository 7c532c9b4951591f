#include "daemon/websocket/reader.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/daemon/websocket/frames.h"

using namespace routerone;
using namespace routerone::test;
using websocket::CloseCode;
using websocket::Event;
using websocket::Reader;

namespace {

constexpr std::size_t usual_cap = 1 << 20;

/// All that a reader says of these bytes, however they are cut.
std::vector<Event> events_of(std::string_view bytes, const std::vector<std::size_t>& steps = {},
                             std::size_t cap = usual_cap) {
  Reader reader(cap);
  std::vector<Event> events;
  std::size_t step = 0;
  while (!bytes.empty()) {
    const std::size_t size = steps.empty() ? bytes.size() : steps[step++ % steps.size()] + 1;
    std::string_view some = bytes.substr(0, size);
    bytes.remove_prefix(some.size());
    for (;;) {
      Event event = reader.next(some);
      if (event.kind == Event::Kind::none) break;
      events.push_back(std::move(event));
    }
    REQUIRE(some.empty());
  }
  return events;
}

/// One line an event.
std::string told(const std::vector<Event>& events) {
  static constexpr std::array<std::string_view, 6> words = {"none", "text",  "ping",
                                                            "pong", "close", "broken"};
  std::string out;
  for (const Event& event : events) {
    out.append(words[static_cast<std::size_t>(event.kind)]);
    const auto code = static_cast<std::uint16_t>(event.code);
    const bool ends = event.kind == Event::Kind::close || event.kind == Event::Kind::broken;
    out += ends ? " " + std::to_string(code) : ":" + event.payload;
    out += ';';
  }
  return out;
}

std::string told(std::string_view bytes) { return told(events_of(bytes)); }

}  // namespace

TEST_CASE("a masked text frame is a message, whatever its length takes to say") {
  for (const std::size_t size : {0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 70000}) {
    INFO(size);
    std::string text(size, 'x');
    if (size > 3) text[size - 2] = 'y';
    CHECK(told(text_frame(text)) == "text:" + text + ";");
  }
}

TEST_CASE("fragments are joined, and control frames may stand between them") {
  const std::string bytes = wire({1, "one ", false}) + wire({9, "p"}) + wire({0, "", false}) +
                            wire({10, "q"}) + wire({0, "two", true}) + text_frame("three");
  CHECK(told(bytes) == "ping:p;pong:q;text:one two;text:three;");
}

TEST_CASE("what breaks the framing ends the connection as a protocol error") {
  const std::vector<std::string> table = {
      wire({1, "x", true, false}),             // unmasked
      wire({1, "x", true, true, 4}),           // a reserved bit: no extension was agreed on
      wire({1, "x", true, true, 2}),           //
      wire({1, "x", true, true, 1}),           //
      wire({9, "x", true, true, 4}),           // of a control frame too
      wire({3, "x"}),                          // an opcode that means nothing
      wire({7, "x"}),                          //
      wire({11, "x"}),                         //
      wire({15, "x"}),                         //
      wire({0, "x"}),                          // nothing to go on with
      wire({1, "x", false}) + text_frame(""),  // a message inside a message
      wire({9, "x", false}),                   // a control frame in fragments
      wire({9, std::string(126, 'x')}),        // or too long
      wire({8, std::string(126, 'x')}),        //
      wire({1, "x", true, true, 0, 2}),        // a length in more bytes than it needs
      wire({1, "x", true, true, 0, 8}),        //
      wire({1, std::string(65535, 'x'), true, true, 0, 8}),
      std::string("\x81\xFF\x80\0\0\0\0\0\0\1\0\0\0\0", 14),  // or of 2^63
      wire({8, "x"}),                                         // half a code
      wire({8, "\x0F"}),
      closing_frame(999),
      closing_frame(1004),
      closing_frame(1005),
      closing_frame(1006),
      closing_frame(1015),
      closing_frame(2999),
      closing_frame(5000),
  };
  for (std::size_t i = 0; i < table.size(); ++i) {
    INFO(i);
    CHECK(told(table[i] + text_frame("after")) == "broken 1002;");
  }
}

TEST_CASE("a binary message is refused as what is not served") {
  CHECK(told(wire({2, "x"})) == "broken 1003;");
}

TEST_CASE("a close tells its code, and what follows it is passed over") {
  CHECK(told(closing_frame(1000, "bye") + text_frame("x")) == "close 1000;");
  CHECK(told(closing_frame(1001)) == "close 1001;");
  CHECK(told(closing_frame(3000)) == "close 3000;");
  CHECK(told(closing_frame(4999)) == "close 4999;");
  CHECK(told(wire({8}) + text_frame("x")) == "close 1005;");
}

TEST_CASE("text that is not UTF-8 is refused, as soon as it cannot become so") {
  const std::vector<std::string> bad = {"\x80",         "a\xC0\xAF",        "\xE0\x80\x80",
                                        "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80",
                                        "\xFF"};
  for (const std::string& text : bad) {
    INFO(text);
    CHECK(told(text_frame(text)) == "broken 1007;");
    CHECK(told(wire({1, text, false})) == "broken 1007;");
    CHECK(told(closing_frame(1000, text)) == "broken 1007;");
  }
  CHECK(told(text_frame("cut \xE2\x82")) == "broken 1007;");
  CHECK(told(closing_frame(1000, "cut \xE2\x82")) == "broken 1007;");
  CHECK(told(wire({1, "\xE2", false}) + wire({0, "\x82\xAC"})) == "text:\xE2\x82\xAC;");
  const std::string good =
      "\xC2\x80\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF";
  CHECK(told(text_frame(good)) == "text:" + good + ";");
}

TEST_CASE("a message is at most as large as the cap, in however many frames") {
  const auto read = [](const std::string& bytes) { return told(events_of(bytes, {}, 10)); };
  CHECK(read(text_frame("0123456789")) == "text:0123456789;");
  CHECK(read(text_frame("0123456789a")) == "broken 1009;");
  CHECK(read(wire({1, "01234", false}) + wire({0, "56789"})) == "text:0123456789;");
  CHECK(read(wire({1, "01234", false}) + wire({0, "56789a"})) == "broken 1009;");
  const std::string announced("\x81\xFF\0\0\0\1\0\0\0\0", 10);
  CHECK(read(announced + std::string(4, '\0')) == "broken 1009;");
}

TEST_CASE("any chunking of any legal frames gives the same messages") {
  CHECK(rc::check([] {
    const auto texts = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
    std::string bytes, expected;
    for (const std::string& text : texts) {
      const auto cut = static_cast<std::size_t>(*rc::gen::inRange(0, 300)) % (text.size() + 1);
      const bool whole = *rc::gen::arbitrary<bool>();
      const bool pinged = *rc::gen::arbitrary<bool>();
      if (whole) {
        bytes += text_frame(text);
      } else {
        bytes += wire({1, text.substr(0, cut), false});
        if (pinged) bytes += wire({9, "are you there"});
        bytes += wire({0, text.substr(cut)});
        if (pinged) expected += "ping:are you there;";
      }
      expected += "text:" + text + ";";
    }
    const auto steps =
        *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 40));
    RC_ASSERT(told(events_of(bytes, steps)) == expected);
  }));
}

TEST_CASE("any chunking of any bytes gives the same judgement") {
  CHECK(rc::check([] {
    const auto noise = *rc::gen::arbitrary<std::string>();
    const std::string bytes = text_frame("first") + noise;
    const auto steps =
        *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 10));
    RC_ASSERT(told(events_of(bytes, steps)) == told(events_of(bytes)));
  }));
}

TEST_CASE("a message that is announced holds no memory before it comes") {
  Reader reader(usual_cap);
  const std::string announced = text_frame(std::string(900'000, 'x')).substr(0, 100);
  std::string_view bytes = announced;
  CHECK(reader.next(bytes).kind == Event::Kind::none);
  CHECK(reader.held() < 1000);
}

TEST_CASE("text that is not UTF-8 is told with what is wrong in it replaced") {
  using websocket::as_utf8;
  const std::string mark = "\xEF\xBF\xBD";
  CHECK(as_utf8("plain \xE2\x82\xAC") == "plain \xE2\x82\xAC");
  CHECK(as_utf8("a\xFFz") == "a" + mark + "z");
  CHECK(as_utf8("a\xE2\x82z") == "a" + mark + "z");
  CHECK(as_utf8("a\xE2\x82") == "a" + mark);
  CHECK(as_utf8("\xED\xA0\x80") == mark + mark + mark);
  CHECK(rc::check([&] {
    const auto noise = *rc::gen::arbitrary<std::string>();
    websocket::Utf8Check check;
    RC_ASSERT((check.feed(as_utf8(noise)) && check.at_boundary()));
  }));
}
