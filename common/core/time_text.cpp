#include <fmt/format.h>

#include "common/core/text.h"

namespace routerone {
namespace {

using namespace std::chrono;

constexpr std::int64_t longest_duration = 400LL * 365 * 86'400;  // in µs it must fit 64 bits

tl::unexpected<Error> bad_time(std::string_view text) {
  return fail(ErrorKind::invalid, fmt::format("\"{}\" is not a time", printable(text, 40)),
              "write it as 2026-11-20T12:00:00Z");
}

/// Fixed-width fields, taken from the front.
struct Reader {
  std::string_view rest;
  bool ok = true;

  unsigned number(std::size_t digits) {
    const auto value = rest.size() >= digits ? parse_uint(rest.substr(0, digits)) : std::nullopt;
    if (!value) {
      ok = false;
      return 0;
    }
    rest.remove_prefix(digits);
    return static_cast<unsigned>(*value);
  }
  void literal(std::string_view any_of) {
    if (rest.empty() || any_of.find(rest.front()) == any_of.npos)
      ok = false;
    else
      rest.remove_prefix(1);
  }
  bool at(char c) const { return !rest.empty() && rest.front() == c; }
};

/// `.123456789`, cut to microseconds.
microseconds read_fraction(Reader& in) {
  if (!in.at('.')) return {};
  in.literal(".");
  std::int64_t value = 0;
  int digits = 0;
  for (; !in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9'; ++digits) {
    if (digits < 6) value = value * 10 + (in.rest.front() - '0');
    in.rest.remove_prefix(1);
  }
  in.ok = in.ok && digits > 0;
  for (; digits < 6; ++digits) value *= 10;
  return microseconds(value);
}

minutes read_offset(Reader& in) {
  if (in.at('Z') || in.at('z')) {
    in.rest.remove_prefix(1);
    return {};
  }
  const bool behind = in.at('-');
  in.literal("+-");
  const unsigned h = in.number(2);
  in.literal(":");
  const unsigned m = in.number(2);
  in.ok = in.ok && h < 24 && m < 60;
  const minutes offset = hours(h) + minutes(m);
  return behind ? -offset : offset;
}

}  // namespace

std::string format_rfc3339(WallTime at) {
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(at - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  Reader in{text};
  const auto y = in.number(4);
  in.literal("-");
  const auto mo = in.number(2);
  in.literal("-");
  const auto d = in.number(2);
  in.literal("Tt ");
  const auto h = in.number(2);
  in.literal(":");
  const auto mi = in.number(2);
  in.literal(":");
  const auto s = in.number(2);
  const microseconds fraction = read_fraction(in);
  const minutes offset = read_offset(in);

  const year_month_day date(year(static_cast<int>(y)), month(mo), day(d));
  // 60 is a leap second; as everywhere in Unix time it is the first second of the next minute.
  if (!in.ok || !in.rest.empty() || !date.ok() || h > 23 || mi > 59 || s > 60)
    return bad_time(text);
  return WallTime(sys_days(date)) + hours(h) + minutes(mi) + seconds(s) + fraction - offset;
}

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is not a duration", printable(text, 40)),
                "write a number and one of s, m, h, d, w: 90s, 15m, 2h, 30d, 2w");
  };
  if (text.size() < 2) return bad();
  std::int64_t unit = 0;
  switch (lower(text.back())) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3'600;
      break;
    case 'd':
      unit = 86'400;
      break;
    case 'w':
      unit = 7 * 86'400;
      break;
    default:
      return bad();
  }
  const auto count = parse_uint(text.substr(0, text.size() - 1));
  if (!count || *count > static_cast<std::uint64_t>(longest_duration / unit)) return bad();
  return std::chrono::seconds(static_cast<std::int64_t>(*count) * unit);
}

}  // namespace routerone
