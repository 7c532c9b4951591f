#include "common/json/json.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace routerone;

TEST_CASE("the order of keys is kept") {
  const auto parsed = parse_json(R"({"z":1,"a":[true,null,"x"],"m":{"b":2,"a":1}})");
  REQUIRE(parsed.has_value());
  CHECK(parsed->dump() == R"({"z":1,"a":[true,null,"x"],"m":{"b":2,"a":1}})");
}

TEST_CASE("what is not JSON is an error, not a guess") {
  for (const char* text : {"", " ", "{", "[1,]", "{'a':1}", "nul", "1 2", "\"\x01\"", "\"\xff\"",
                           "{\"a\":NaN}", "01", "\"\\ud800\"x"})
    CHECK_MESSAGE(!parse_json(text).has_value(), text);
  CHECK(parse_json("{").error().kind == ErrorKind::invalid);
}

TEST_CASE("nesting is bounded before anything recurses") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK(parse_json(nested(400)).has_value());
  CHECK_FALSE(parse_json(nested(600)).has_value());
  CHECK_FALSE(parse_json(nested(400'000)).has_value());
  CHECK_FALSE(parse_json(nested(20), 10).has_value());
  CHECK(parse_json(nested(600)).error().message.find("512") != std::string::npos);
}

TEST_CASE(
    "each value is read as what it is, and of a key that stands twice the last value counts") {
  for (const char* text : {"0",
                           "-0",
                           "-1",
                           "9223372036854775807",
                           "9223372036854775808",
                           "18446744073709551615",
                           "-9223372036854775808",
                           "1.0",
                           "-0.0",
                           "1e3",
                           "0.1",
                           "2.2250738585072014e-308",
                           "1.7976931348623157e308",
                           "true",
                           "false",
                           "null",
                           "\"\"",
                           R"("\u0000\u20ac\ud83d\ude00\n")",
                           "[]",
                           "{}",
                           "[[],{}]",
                           R"({"a":1,"b":[2],"a":{"c":3}})",
                           R"({"":0,"a":1,"":2})"}) {
    CAPTURE(text);
    const auto parsed = parse_json(text);
    REQUIRE(parsed.has_value());
    const Json wanted = Json::parse(text);
    CHECK(*parsed == wanted);
    CHECK(parsed->dump() == wanted.dump());
    CHECK(parsed->is_number_float() == wanted.is_number_float());
  }
  CHECK(parse_json("1")->is_number_unsigned());
  CHECK_FALSE(parse_json("18446744073709551616").has_value());
}

TEST_CASE("any text at all is answered with a value or an error") {
  CHECK(rc::check([](const std::string& text) {
    const auto parsed = parse_json(text);
    if (parsed) RC_ASSERT(parse_json(parsed->dump()).has_value());
  }));
}
