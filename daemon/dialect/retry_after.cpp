#include "daemon/dialect/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

using std::chrono::seconds;

seconds rounded(double wait) {
  if (!(wait > 0)) return seconds{0};
  const double most = static_cast<double>(longest_retry_after.count());
  return seconds{static_cast<std::int64_t>(std::ceil(std::min(wait, most)))};
}

/// A plain decimal number at the start of `text`, which is moved behind it.
std::optional<double> leading_number(std::string_view& text) {
  double number = 0;
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (read.ec == std::errc::result_out_of_range) {
    text = {};
    return 1e9;
  }
  if (read.ec != std::errc() || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

std::optional<double> whole_number_text(std::string_view text) {
  text = trim(text);
  const auto number = leading_number(text);
  return text.empty() ? number : std::nullopt;
}

std::optional<int> month_of(std::string_view name) {
  static constexpr std::array<std::string_view, 12> names = {
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (iequals(names[i], name)) return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7: the one form that may be sent).
std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  text = trim(text);
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) {
    return std::nullopt;
  }
  const auto part = [text](std::size_t at, std::size_t size) {
    return parse_uint(text.substr(at, size));
  };
  const auto day = part(5, 2), year = part(12, 4), hour = part(17, 2), minute = part(20, 2),
             second = part(23, 2);
  const auto month = month_of(text.substr(8, 3));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) +
         seconds{static_cast<std::int64_t>(*hour * 3600 + *minute * 60 + *second)};
}

}  // namespace

std::optional<seconds> retry_after(http::Fields fields) {
  if (const auto field = http::find(fields, "retry-after-ms")) {
    if (const auto number = whole_number_text(*field)) return rounded(*number / 1000);
  }
  const auto field = http::find(fields, "retry-after");
  if (!field) return std::nullopt;
  if (const auto number = whole_number_text(*field)) return rounded(*number);
  const auto until = http_date(*field);
  const auto now = http_date(http::find(fields, "date").value_or(""));
  if (!until || !now) return std::nullopt;
  return rounded(static_cast<double>((*until - *now).count()));
}

std::optional<seconds> retry_after_in_words(std::string_view message) {
  static constexpr std::string_view phrase = "try again in ";
  const std::size_t at = message.find(phrase);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = message.substr(at + phrase.size());
  const auto number = leading_number(rest);
  if (!number) return std::nullopt;
  if (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  if (rest.starts_with("ms")) return rounded(*number / 1000);
  if (rest.starts_with("s")) return rounded(*number);
  if (rest.starts_with("m")) return rounded(*number * 60);
  return std::nullopt;
}

}  // namespace routerone::dialect
