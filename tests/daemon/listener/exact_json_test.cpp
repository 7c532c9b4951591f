#include "daemon/listener/exact_json.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>
#include <nlohmann/json.hpp>

using namespace routerone;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("money is written digit for digit, without needless zeros") {
  CHECK(json_usd(Money{}) == "0");
  CHECK(json_usd(Money{1}) == "0.000000000001");
  CHECK(json_usd(Money{5'000'000'000'000}) == "5");
  CHECK(json_usd(Money{100'000'000'000'000}) == "100");
  CHECK(json_usd(Money{-1'250'000'000'000}) == "-1.25");
  CHECK(json_usd(Money{most}) == "9223372.036854775807");
  CHECK(json_usd(Money{least}) == "-9223372.036854775808");
}

TEST_CASE("cents are the same digits with the point two places on") {
  CHECK(json_cents(Money{}) == "0");
  CHECK(json_cents(Money{1}) == "0.0000000001");
  CHECK(json_cents(Money{12'300'000'000}) == "1.23");
  CHECK(json_cents(Money{123'000'000'000}) == "12.3");
  CHECK(json_cents(Money{1'000'000'000'000}) == "100");
  CHECK(json_cents(Money{-5'000'000'000}) == "-0.5");
  CHECK(json_cents(Money{most}) == "922337203.6854775807");
}

TEST_CASE("what is written as money reads as the same money") {
  rc::check([](std::int64_t amount) {
    RC_ASSERT(*parse_usd(json_usd(Money{amount})) == Money{amount});
    const std::int64_t small = amount / 100;
    RC_ASSERT(*parse_usd(json_cents(Money{small})) == Money{small * 100});
  });
}

TEST_CASE("an object keeps its order, and text in it is escaped") {
  JsonObject object;
  CHECK(object.str() == "{}");
  object.text("b", "say \"hi\"\n")
      .text_or_null("a", "")
      .count("n", std::nullopt)
      .boolean("t", true);
  CHECK(object.str() == R"({"b":"say \"hi\"\n","a":null,"n":null,"t":true})");
  CHECK(nlohmann::json::parse(object.str())["b"] == "say \"hi\"\n");
}
