#include "common/core/money.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>

using routerone::format_usd;
using routerone::Money;
using routerone::parse_usd;

TEST_CASE("an amount is printed with six decimals, and more only where it needs them") {
  CHECK(format_usd({0}) == "0.000000");
  CHECK(format_usd({4'200'000'000}) == "0.004200");
  CHECK(format_usd({1}) == "0.000000000001");
  CHECK(format_usd({12'345'678'900'000}) == "12.3456789");
  CHECK(format_usd({-2'500'000'000'000}) == "-2.500000");
  CHECK(format_usd({std::numeric_limits<std::int64_t>::min()}) == "-9223372.036854775808");
}

TEST_CASE("amounts are read as people and JSON write them") {
  CHECK(parse_usd("3")->picousd == 3'000'000'000'000);
  CHECK(parse_usd("0.25")->picousd == 250'000'000'000);
  CHECK(parse_usd(".5")->picousd == 500'000'000'000);
  CHECK(parse_usd("1e-7")->picousd == 100'000);
  CHECK(parse_usd("1E+2")->picousd == 100'000'000'000'000);
  CHECK(parse_usd("-0.5")->picousd == -500'000'000'000);
  CHECK(parse_usd("0.2500000000000000")->picousd == 250'000'000'000);
  CHECK(parse_usd("000.000")->picousd == 0);
  CHECK(parse_usd("0e-99")->picousd == 0);
}

TEST_CASE("what is no amount, too fine or too large is refused and never rounded") {
  for (const char* text : {"", "-", ".", "5.", "1,5", "1e", "1e9999", "$3", "3 ", " 3", "+3", "nan",
                           "0x10", "1e-13", "0.0000000000001", "9223373", "1e30", "--1", "1.2.3"})
    CHECK_MESSAGE(!parse_usd(text).has_value(), text);
  CHECK_FALSE(parse_usd(std::string(100, '0')).has_value());
}

TEST_CASE("what is printed is read back as the same amount, for every amount") {
  CHECK(rc::check([](std::int64_t picousd) {
    const auto back = parse_usd(format_usd({picousd}));
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->picousd == picousd);
  }));
}

TEST_CASE("sums that do not fit stay at the end of their range, and all others are exact") {
  constexpr Money most{std::numeric_limits<std::int64_t>::max()};
  constexpr Money least{std::numeric_limits<std::int64_t>::min()};
  CHECK(most + Money{1} == most);
  CHECK(least - Money{1} == least);
  CHECK(Money{} - least == most);
  CHECK(least + most == Money{-1});
  __extension__ typedef __int128 Wide;
  const auto fit = [](Wide exact) {
    return static_cast<std::int64_t>(std::clamp<Wide>(exact, least.picousd, most.picousd));
  };
  CHECK(rc::check([&] {
    const auto any = rc::gen::oneOf(
        rc::gen::arbitrary<std::int64_t>(), rc::gen::element(most.picousd, least.picousd),
        rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return n << 40; }));
    const std::int64_t a = *any, b = *any;
    RC_ASSERT((Money{a} + Money{b}).picousd == fit(Wide{a} + b));
    RC_ASSERT((Money{a} - Money{b}).picousd == fit(Wide{a} - b));
    RC_ASSERT(routerone::saturating_multiply(a, b) == fit(Wide{a} * b));
  }));
}
