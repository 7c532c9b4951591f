#include "daemon/dialect/freeform_input.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "daemon/dialect/tool_names.h"

namespace routerone {
namespace {

using dialect::FreeformInput;

/// What comes out piece by piece, and in all.
struct Decoded {
  std::vector<std::string> pieces;
  std::string whole;
};
Decoded decode(const std::vector<std::string>& pieces) {
  FreeformInput input;
  Decoded out;
  for (const std::string& piece : pieces) out.pieces.push_back(input.feed(piece));
  out.pieces.push_back(input.finish());
  for (const std::string& piece : out.pieces) out.whole += piece;
  return out;
}

TEST_CASE("text comes out as soon as it can be read") {
  CHECK(decode({R"({"in)", R"(put" : "*** Be)", "gin\"}"}).pieces ==
        std::vector<std::string>{"", "*** Be", "gin", ""});
}

TEST_CASE("half an escape and half a pair wait for their other half") {
  CHECK(decode({R"({"input":"a\)", R"(n\u00)", R"(e9\ud83d)", R"(\ude00b"})"}).pieces ==
        std::vector<std::string>{"a", "\n", "\xc3\xa9",
                                 "\xf0\x9f\x98\x80"
                                 "b",
                                 ""});
}

TEST_CASE("arguments of another shape come at the end") {
  CHECK(decode({R"({"other":)", "1}"}).whole == R"({"other":1})");
  CHECK(decode({R"({"a":1,"input":"x"})"}).whole == "x");
  CHECK(decode({"bare text"}).whole == "bare text");
  CHECK(decode({"\"quoted\""}).whole == "\"quoted\"");
  CHECK(decode({}).whole.empty());
}

TEST_CASE("arguments that are cut off are what came of them") {
  CHECK(decode({R"({"input":"ab\)"}).whole == "ab");
}

TEST_CASE("at any chunking the text is that which was wrapped") {
  CHECK(rc::check([] {
    const auto letters = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("a", "\"", "\\", "\n", "\xc3\xa9", "\xf0\x9f\x98\x80", "}",
                                      std::string(1, '\x02'), "u00"));
    std::string text;
    for (const std::string& each : letters) text += each;
    // Both ways of writing what is not ASCII.
    std::string json = dialect::wrap_freeform(text);
    if (*rc::gen::arbitrary<bool>()) {
      for (std::size_t at = 0; (at = json.find("\xf0\x9f\x98\x80", at)) != std::string::npos;) {
        json.replace(at, 4, "\\ud83d\\ude00");
      }
    }
    FreeformInput input;
    std::string out;
    while (!json.empty()) {
      const auto size = *rc::gen::inRange<std::size_t>(1, 6);
      // A provider's fragments are whole characters.
      std::size_t end = std::min(size, json.size());
      while (end < json.size() && (json[end] & 0xC0) == 0x80) ++end;
      out += input.feed(json.substr(0, end));
      json.erase(0, end);
    }
    out += input.finish();
    RC_ASSERT(out == text);
    RC_ASSERT(input.held() == 0);
  }));
}

}  // namespace
}  // namespace routerone
