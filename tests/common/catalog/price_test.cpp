#include "common/catalog/price.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "common/catalog/rate.h"

namespace routerone {
namespace {

using catalog::parse_price;
using catalog::read_rate;

std::string fault_of(std::string_view json) {
  const auto price = parse_price(json);
  return price ? "" : price.error().message;
}

TEST_CASE("numbers and decimal strings mean the same price") {
  const auto number = parse_price(R"({"input":0.15,"output":6e-1,"web_search_per_1k":10})");
  const auto text = parse_price(R"({"input":"0.15","output":"0.6","web_search_per_1k":"10"})");
  REQUIRE(number);
  REQUIRE(text);
  CHECK(number->table.input == 150'000);
  CHECK(number->table.input == text->table.input);
  CHECK(number->table.output == text->table.output);
  CHECK(number->table.web_search == 10'000'000'000);
  CHECK(number->table.web_search == text->table.web_search);
}

TEST_CASE("a price says which of its keys is at fault") {
  CHECK(fault_of(R"({"input":-1,"output":2})").find("input") != std::string::npos);
  CHECK(fault_of(R"({"input":1,"output":"x"})").find("output") != std::string::npos);
  CHECK(fault_of(R"({"input":1,"output":2,"cache_raed":1})").find("cache_raed") !=
        std::string::npos);
  CHECK(fault_of(R"({"input":1,"output":2,"tiers":[{"input":3}]})").find("min_input_tokens") !=
        std::string::npos);
  CHECK_FALSE(fault_of(R"({"input":1})").empty());
  CHECK(fault_of(R"({"input":1,"output":2,"per_image":9000000000000})").find("per_image") !=
        std::string::npos);
  CHECK_FALSE(fault_of("[]").empty());
  CHECK_FALSE(fault_of("{").empty());
  CHECK_FALSE(fault_of("").empty());
}

TEST_CASE("a misspelt key inside a condition is pointed out too") {
  CHECK(fault_of(R"({"input":1,"output":2,"tiers":[{"min_input_tokens":5,"ouput":3}]})")
            .find("ouput") != std::string::npos);
  CHECK(fault_of(R"({"input":1,"output":2,"service_tiers":{"flex":{"inptu":3}}})").find("inptu") !=
        std::string::npos);
  CHECK(fault_of(R"({"input":1,"output":2,"off_peak":{"in":3}})").find("in") != std::string::npos);
}

TEST_CASE("a condition that is no condition is refused, not passed over") {
  for (const char* json :
       {R"({"input":1,"output":2,"tiers":{}})", R"({"input":1,"output":2,"tiers":[5]})",
        R"({"input":1,"output":2,"service_tiers":[]})", R"({"input":1,"output":2,"off_peak":7})",
        R"({"input":1,"output":2,"scheduled":"soon"})",
        R"({"input":1,"output":2,"scheduled":[{"from":"soon","input":1}]})",
        R"({"input":1,"output":2,"peak":[]})",
        R"({"input":1,"output":2,"peak":{"days":["mon"],"utc":[["1","2"]]}})",
        R"({"input":1,"output":2,"peak":{"days":["mon"],"utc":[["25:00","26:00"]]}})"}) {
    CAPTURE(json);
    CHECK_FALSE(parse_price(json).has_value());
  }
}

TEST_CASE("a rate is exact or refused") {
  CHECK(read_rate("3") == 3'000'000);
  CHECK(read_rate("0") == 0);
  CHECK(read_rate("0.000001") == 1);
  CHECK(read_rate("1e-3") == 1'000);
  CHECK(read_rate("600") == 600'000'000);
  for (const char* text : {"", "-1", "0.0000001", "x", "1x", "nan", "inf", "1e400", "0x10", " "}) {
    CAPTURE(text);
    CHECK_FALSE(read_rate(text).has_value());
  }
}

TEST_CASE("every rate with six decimals is read without loss") {
  CHECK(rc::check([](std::uint32_t picousd) {
    const std::string digits = std::to_string(picousd % 1'000'000);
    const std::string text =
        std::to_string(picousd / 1'000'000) + "." + std::string(6 - digits.size(), '0') + digits;
    RC_ASSERT(read_rate(text).value() == static_cast<std::int64_t>(picousd));
  }));
}

TEST_CASE("no text makes the reader do anything but answer") {
  CHECK(rc::check([](const std::string& text) {
    if (const auto price = parse_price(text)) RC_ASSERT(price->table.input.has_value());
    const auto rate = read_rate(text);
    if (rate) RC_ASSERT(*rate >= 0);
  }));
}

}  // namespace
}  // namespace routerone
