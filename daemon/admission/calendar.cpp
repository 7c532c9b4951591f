#include "daemon/admission/calendar.h"

#include <date/tz.h>

#include <exception>

namespace routerone::admission {
namespace {

using std::chrono::days;
using std::chrono::seconds;

/// Days of a local calendar since 1970-01-01.
using LocalDay = std::chrono::sys_days;

LocalDay first_day(Period period, LocalDay day) {
  if (period == Period::week) {
    return day - days(std::chrono::weekday(day).iso_encoding() - 1);
  }
  if (period == Period::month) {
    const std::chrono::year_month_day date(day);
    return date.year() / date.month() / 1;
  }
  return day;
}

LocalDay next_first(Period period, LocalDay first) {
  if (period == Period::week) return first + days(7);
  if (period == Period::month) return first_day(period, first + days(31));
  return first + days(1);
}

Span hour_of(Zone zone, WallTime at) {
  const seconds offset = zone.offset(at);
  const WallTime start = std::chrono::floor<std::chrono::hours>(at + offset) - offset;
  return {start, start + std::chrono::hours(1)};
}

}  // namespace

std::optional<Zone> Zone::find(const std::string& name) {
  Zone zone;
  if (name.empty()) return zone;
  try {
    zone.zone_ = date::locate_zone(name);
    (void)zone.offset(WallTime{});  // its data is read when first asked: let that be now
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return zone;
}

seconds Zone::offset(WallTime at) const {
  return zone_ == nullptr ? seconds(0) : zone_->get_info(std::chrono::floor<seconds>(at)).offset;
}

WallTime Zone::when(seconds local_since_1970) const {
  if (zone_ == nullptr) return WallTime(local_since_1970);
  return zone_->to_sys(date::local_time<seconds>(local_since_1970), date::choose::earliest);
}

Span calendar_span(Period period, Zone zone, WallTime at) {
  if (period == Period::hour) return hour_of(zone, at);
  const auto midnight = [&zone](LocalDay day) { return zone.when(day.time_since_epoch()); };
  LocalDay first = first_day(period, std::chrono::floor<days>(at + zone.offset(at)));
  Span span{midnight(first), midnight(next_first(period, first))};
  // Where clocks are set back over midnight, a day that has ended is on the wall for a second time.
  while (span.end <= at) {
    first = next_first(period, first);
    span = {span.end, midnight(next_first(period, first))};
  }
  return span;
}

std::chrono::minutes rolling_length(Period period) {
  switch (period) {
    case Period::hour:
      return std::chrono::hours(1);
    case Period::day:
      return days(1);
    case Period::week:
      return days(7);
    case Period::month:
    case Period::total:
      break;
  }
  return days(30);
}

}  // namespace routerone::admission
