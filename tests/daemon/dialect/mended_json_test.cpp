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

TEST_CASE("numbers of any size can be read, next to what they are, and stay as they were written") {
  const std::string json = R"({"a":[12345678901234567890123,-98765432109876543210,7,-1E999]})";
  const dialect::Dom document(json);
  REQUIRE(document.ok());
  std::vector<double> numbers;
  for (const auto each : simdjson::dom::array(*dialect::member(document.root(), "a"))) {
    numbers.push_back(each);
  }
  CHECK(numbers ==
        std::vector<double>{12345678901234567890123.0, -98765432109876543210.0, 7, -1e308});
  CHECK(dialect::json_text(document.root()) == json);
  CHECK(dialect::mended_json("[1e-999,0.0e1,1.5e-3]") == "[1e-999,0.0e1,1.5e-3]");
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
