#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/core/text.h"

using namespace routerone;

TEST_CASE("a time is written in UTC with microseconds") {
  CHECK(format_rfc3339(wall_from_micros(0)) == "1970-01-01T00:00:00.000000Z");
  CHECK(format_rfc3339(wall_from_micros(1'795'176'000'123'456)) == "2026-11-20T12:00:00.123456Z");
  CHECK(format_rfc3339(wall_from_micros(-1)) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("times with offsets, fractions and small letters are read") {
  const auto noon = wall_from_micros(1'795'176'000'000'000);
  CHECK(*parse_rfc3339("2026-11-20T12:00:00Z") == noon);
  CHECK(*parse_rfc3339("2026-11-20t14:00:00+02:00") == noon);
  CHECK(*parse_rfc3339("2026-11-20 06:30:00-05:30") == noon);
  CHECK(*parse_rfc3339("2026-11-20T12:00:00.1234567899Z") ==
        noon + std::chrono::microseconds(123'456));
  CHECK(*parse_rfc3339("2016-12-31T23:59:60Z") == *parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST_CASE("what is no time is refused") {
  for (const char* text :
       {"", "2026", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-20T24:00:00Z",
        "2026-11-20T12:60:00Z", "2026-11-20T12:00:00", "2026-11-20T12:00:00.Z",
        "2026-11-20T12:00:00Zx", "2026-11-20T12:00:00+2:00", "2026-11-20T12:00:00+24:00",
        "20261120T120000Z", "-026-11-20T12:00:00Z"})
    CHECK_MESSAGE(!parse_rfc3339(text).has_value(), text);
}

TEST_CASE("a time that is written is read back, from year 0 to 9999") {
  CHECK(rc::check([] {
    const auto micros =
        *rc::gen::inRange<std::int64_t>(-62'135'596'800'000'000, 253'402'300'799'999'999);
    const auto back = parse_rfc3339(format_rfc3339(wall_from_micros(micros)));
    RC_ASSERT(back.has_value());
    RC_ASSERT(micros_since_epoch(*back) == micros);
  }));
}

TEST_CASE("a duration is one number and one unit") {
  CHECK(parse_duration("90s")->count() == 90);
  CHECK(parse_duration("15m")->count() == 900);
  CHECK(parse_duration("2h")->count() == 7'200);
  CHECK(parse_duration("30d")->count() == 2'592'000);
  CHECK(parse_duration("2W")->count() == 1'209'600);
  for (const char* text :
       {"", "s", "5", "-5s", "5 s", "1h30m", "1y", "99999999999999999999s", "9999999999w", "1.5h"})
    CHECK_MESSAGE(!parse_duration(text).has_value(), text);
}
