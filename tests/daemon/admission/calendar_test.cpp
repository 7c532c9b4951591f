#include "daemon/admission/calendar.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <initializer_list>

#include "common/core/text.h"

namespace routerone::admission {
namespace {

using enum Period;

WallTime at(const char* text) { return *parse_rfc3339(text); }
Zone zone(const char* name) { return *Zone::find(name); }

struct Line {
  Period period;
  const char *when, *start, *end;
};

/// Of the span that `when` is in.
void check_spans(const char* name, std::initializer_list<Line> lines) {
  CAPTURE(name);
  for (const auto& [period, when, start, end] : lines) {
    CAPTURE(when);
    const Span span = calendar_span(period, zone(name), at(when));
    CHECK(format_rfc3339(span.start) == format_rfc3339(at(start)));
    CHECK(format_rfc3339(span.end) == format_rfc3339(at(end)));
  }
}

TEST_CASE("a zone that the system does not know is not found, and no name is UTC") {
  CHECK(!Zone::find("Mars/Olympus"));
  CHECK(!Zone::find("../../etc/passwd"));
  CHECK(Zone::find("")->offset(at("2026-07-01T00:00:00Z")) == std::chrono::seconds(0));
  CHECK(zone("Europe/Berlin").offset(at("2026-07-01T00:00:00Z")) == std::chrono::hours(2));
}

TEST_CASE("days, weeks and months begin at UTC midnight where no zone is given") {
  check_spans("",
              {
                  {hour, "2026-11-21T09:15:26Z", "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"},
                  {day, "2026-11-21T09:15:26Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"},
                  {week, "2026-11-21T09:15:26Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"},
                  {month, "2026-11-21T09:15:26Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
              });
}

TEST_CASE("an edge belongs to what begins there") {
  check_spans("",
              {
                  {day, "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"},
                  {week, "2026-11-16T00:00:00Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"},
                  {week, "2026-11-15T23:59:59Z", "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z"},
              });
}

TEST_CASE("months are as long as they are, over leap days and years") {
  check_spans("",
              {
                  {month, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
                  {month, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
              });
  check_spans("America/St_Johns",
              {
                  {month, "2026-12-01T02:00:00Z", "2026-11-01T02:30:00Z", "2026-12-01T03:30:00Z"},
              });
}

TEST_CASE("Berlin's day of the change is 23 hours long in March and 25 in October") {
  check_spans("Europe/Berlin",
              {
                  {day, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
                  {day, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
                  {week, "2026-10-25T12:00:00Z", "2026-10-18T22:00:00Z", "2026-10-25T23:00:00Z"},
              });
}

TEST_CASE("Berlin's hour that happens twice is two hours") {
  check_spans("Europe/Berlin",
              {
                  {hour, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
                  {hour, "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"},
              });
}

TEST_CASE("Lord Howe changes by half an hour") {
  check_spans(
      "Australia/Lord_Howe",
      {
          // 2026-04-05 02:00 (+11) -> 01:30 (+10:30); 2026-10-04 02:00 (+10:30) -> 02:30 (+11).
          {day, "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"},
          {day, "2026-10-04T00:00:00Z", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"},
          {hour, "2026-04-04T14:30:00Z", "2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z"},
          {hour, "2026-04-04T15:10:00Z", "2026-04-04T14:30:00Z", "2026-04-04T15:30:00Z"},
      });
}

TEST_CASE("St. John's half hours are its own, and so was its change a minute past midnight") {
  check_spans("America/St_Johns",
              {
                  {day, "2026-07-01T12:00:00Z", "2026-07-01T02:30:00Z", "2026-07-02T02:30:00Z"},
                  {hour, "2026-07-01T12:00:00Z", "2026-07-01T11:30:00Z", "2026-07-01T12:30:00Z"},
                  // 2010-11-07 00:01 -> 2010-11-06 23:01: the 7th has begun, and stays.
                  {day, "2010-11-07T02:45:00Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"},
              });
}

TEST_CASE("a midnight that is skipped is when the clocks skip it") {
  check_spans("Asia/Beirut",
              {
                  // Beirut, 2026-03-29 00:00 -> 01:00.
                  {day, "2026-03-29T10:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
              });
  check_spans("Pacific/Apia",
              {
                  // Samoa had no 30 December 2011.
                  {day, "2011-12-30T09:59:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
                  {day, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
              });
}

TEST_CASE("spans of days and longer hold their time and lie end to end, in any zone") {
  constexpr std::array zones = {"",
                                "Europe/Berlin",
                                "Australia/Lord_Howe",
                                "America/St_Johns",
                                "Asia/Kathmandu",
                                "Asia/Beirut",
                                "America/Havana",
                                "Pacific/Apia",
                                "Africa/Cairo",
                                "America/Sao_Paulo"};
  CHECK(rc::check([&] {
    const Zone place = zone(*rc::gen::elementOf(zones));
    const Period period = *rc::gen::element(Period::day, Period::week, Period::month);
    const WallTime when(std::chrono::seconds(*rc::gen::inRange<std::int64_t>(0, 2'000'000'000)));
    const Span span = calendar_span(period, place, when);
    RC_ASSERT(span.start <= when);
    RC_ASSERT(when < span.end);
    RC_ASSERT(calendar_span(period, place, span.end).start == span.end);
    RC_ASSERT(calendar_span(period, place, span.end - WallTime::duration(1)).end == span.end);
    RC_ASSERT(calendar_span(period, place, span.start).end == span.end);
  }));
}

}  // namespace
}  // namespace routerone::admission
