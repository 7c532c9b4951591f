#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/core/text.h"

using routerone::printable;

TEST_CASE("text that only shows characters passes as it is") {
  CHECK(printable("claude-4.5 / gpt \xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80") ==
        "claude-4.5 / gpt \xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80");
}

TEST_CASE("control, bidi and zero-width characters are written out") {
  CHECK(printable("\x1b[31mred") == "\\x1b[31mred");
  CHECK(printable(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(printable("a\r\n\tb\x7f") == "a\\r\\n\\tb\\x7f");
  CHECK(printable("\xc2\x9b") == "\\x9b");  // C1: CSI in one character
  CHECK(printable("a\xe2\x80\xae"
                  "b") == "a\\u{202e}b");  // right-to-left override
  CHECK(printable("a\xe2\x80\x8b"
                  "b") == "a\\u{200b}b");                // zero-width space
  CHECK(printable("\xef\xbb\xbf") == "\\u{feff}");       // byte order mark
  CHECK(printable("\xf3\xa0\x81\x81") == "\\u{e0041}");  // tag character
}

TEST_CASE("invalid UTF-8 becomes the replacement character, a byte at a time") {
  CHECK(printable("\xff") == "\xef\xbf\xbd");
  CHECK(printable("\xc0\xaf") == "\xef\xbf\xbd\xef\xbf\xbd");                  // overlong
  CHECK(printable("a\xe2\x82") == "a\xef\xbf\xbd\xef\xbf\xbd");                // cut
  CHECK(printable("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // surrogate
  CHECK(printable("\xf4\x90\x80\x80").size() == 12);                           // beyond Unicode
}

TEST_CASE("long text is cut between characters") {
  CHECK(printable(std::string(500, 'a')).size() == 128);
  CHECK(printable("abc", 2) == "ab");
  CHECK(printable("a\x1b", 4) == "a");
  CHECK(printable("\xc3\xa9\xc3\xa9", 1) == "\xc3\xa9");
}

TEST_CASE("nothing that a terminal obeys comes through, for every text") {
  CHECK(rc::check([](std::string text) {
    const auto shown = printable(text, 1000);
    for (const char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    for (std::size_t i = 0; i + 1 < shown.size(); ++i)
      RC_ASSERT(!(shown[i] == '\xc2' && static_cast<unsigned char>(shown[i + 1]) < 0xa0));
    RC_ASSERT(printable(shown, 100'000) == shown);
  }));
}
