#include "common/core/text.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>

using namespace routerone;

TEST_CASE("a glob matches runs, single characters and itself, whatever the case") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("", ""));
  CHECK_FALSE(glob_match("", "a"));
  CHECK(glob_match("anthropic/*", "anthropic/claude-sonnet-4.5"));
  CHECK(glob_match("*sonnet*", "Anthropic/Claude-SONNET-4"));
  CHECK(glob_match("gpt-?", "gpt-5"));
  CHECK_FALSE(glob_match("gpt-?", "gpt-51"));
  CHECK(glob_match("a?c",
                   "a\xc3\xa9"
                   "c"));
  CHECK(glob_match("a*b*c", "a-b-b-c"));
  CHECK_FALSE(glob_match("a*b*c", "a-b-b-"));
  CHECK_FALSE(glob_match("gpt", "gpt-5"));
  CHECK(glob_match("[a]", "[a]"));
}

TEST_CASE("a glob made of stars takes no longer than its length times the text's") {
  std::string pattern, text(4000, 'a');
  for (int i = 0; i < 500; ++i) pattern += "a*";
  CHECK_FALSE(glob_match(pattern + "b", text));
}

TEST_CASE("a text matches itself as a glob if it holds no star") {
  CHECK(rc::check([](std::string text) {
    std::erase_if(text, [](char c) { return c == '*' || c == '?'; });
    RC_ASSERT(glob_match(text, text));
    RC_ASSERT(glob_match(text + "*", text + "tail"));
  }));
}

TEST_CASE("the nearest names come first and strangers do not come at all") {
  const std::vector<std::string> known = {"openai/gpt-5", "openai/gpt-5-mini",
                                          "anthropic/claude-sonnet-4.5", "mistral/large"};
  const auto near = nearest("gpt5", known, 3);
  REQUIRE_FALSE(near.empty());
  CHECK(near.front() == "openai/gpt-5");
  CHECK(nearest("claude-sonet-4.5", known, 1) ==
        std::vector<std::string>{"anthropic/claude-sonnet-4.5"});
  CHECK(nearest("zzzzzz", known, 3).empty());
  CHECK(nearest("openai/gpt-5", known, 1).front() == "openai/gpt-5");
  CHECK(nearest("openai/gpt-5", known, 0).empty());
}

TEST_CASE("numbers are digits that fit") {
  CHECK(parse_uint("0") == 0u);
  CHECK(parse_uint("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"", "18446744073709551616", "-1", "+1", " 1", "1 ", "0x1", "1.0"})
    CHECK_MESSAGE(!parse_uint(text), text);
}

TEST_CASE("splitting and joining again gives the same text") {
  CHECK(split("", ',').size() == 1);
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(trim(" \t a b \t") == "a b");
  CHECK(trim(" \t ").empty());
}

TEST_CASE("ASCII letters compare without their case, other bytes as they are") {
  CHECK(iequals("Content-LENGTH", "content-length"));
  CHECK_FALSE(iequals("a", "ab"));
  CHECK_FALSE(iequals("\xc3\x84", "\xc3\xa4"));
  CHECK(istarts_with("Bearer x", "bearer "));
  CHECK_FALSE(istarts_with("Be", "bearer"));
}

TEST_CASE("base62 writes the bytes as one number of fixed width") {
  const std::vector<std::uint8_t> sixty_two = {0, 62};
  CHECK(base62(sixty_two, 4) == "0010");
  const std::vector<std::uint8_t> most = {0xff, 0xff, 0xff, 0xff};
  CHECK(base62(most, 6) == "4gfFC3");
  CHECK(to_hex(most) == "ffffffff");
}

TEST_CASE("escapes are decoded, and what is none stays") {
  CHECK(percent_decoded("lab%2Fm") == "lab/m");
  CHECK(percent_decoded("%2f%41") == "/A");
  CHECK(percent_decoded("100%") == "100%");
  CHECK(percent_decoded("%zz%4") == "%zz%4");
}
