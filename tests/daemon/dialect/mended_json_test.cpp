#include "daemon/dialect/mended_json.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/json_text.h"

namespace routerone {
namespace {

std::string text_in(std::string_view json) {
  const dialect::Dom document(json);
  return document.ok() ? std::string(dialect::text_member(document.root(), "a")) : "unreadable";
}

TEST_CASE("halves of a pair and bytes that are no UTF-8 become the replacement character") {
  CHECK(text_in(R"({"a":"x\ud83dy"})") == "x\xef\xbf\xbdy");
  CHECK(text_in(R"({"a":"\ude00\ud83d"})") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(text_in(R"({"a":"\ud83d\u0041"})") ==
        "\xef\xbf\xbd"
        "A");
  CHECK(text_in("{\"a\":\"x\xffy\xc3\"}") == "x\xef\xbf\xbdy\xef\xbf\xbd");
}

TEST_CASE("whole pairs, other escapes and text stay as they are beside a broken one") {
  CHECK(text_in(R"({"a":"\ud83d\ude00 \\ud83d \u00e9 é \ud83d"})") ==
        "\xf0\x9f\x98\x80 \\ud83d é é \xef\xbf\xbd");
}

TEST_CASE("whole numbers of any size can be read, and stay next to what they were") {
  const dialect::Dom document(R"({"a":[12345678901234567890123,-98765432109876543210,7,"1234"]})");
  REQUIRE(document.ok());
  CHECK(dialect::json_text(document.root()) ==
        R"({"a":[1.2345678901234568e+22,-9.876543210987654e+19,7,"1234"]})");
  CHECK(text_in(R"({"b":1e999})") == "unreadable");
}

TEST_CASE("what is no JSON stays none") {
  CHECK(text_in(R"({"a":"\x"})") == "unreadable");
  CHECK(text_in(R"({"a":"\)") == "unreadable");
  CHECK(text_in(R"({"a":"\u12)") == "unreadable");
}

TEST_CASE("valid JSON is never changed") {
  CHECK(rc::check([](const std::string& bytes) {
    std::string json;
    dialect::append_json_string(json, bytes);
    RC_ASSERT(dialect::mended_json(json) == json);
  }));
}

TEST_CASE("strings of any bytes and halves can be read") {
  CHECK(rc::check([] {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "\\ud83d", "\\ude00", "\xff", "\xc3", "\xa9", "\\\\", "u", "\\u0041", "\xf0\x9f", "x"));
    std::string json = "{\"a\":\"";
    for (const std::string& each : pieces) json += each;
    RC_ASSERT(dialect::Dom(json + "\"}").ok());
  }));
}

}  // namespace
}  // namespace routerone
