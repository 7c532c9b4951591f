#include "cli/terminal/human.h"

#include <fmt/format.h>

#include <cmath>
#include <ctime>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

std::string span_words(std::int64_t seconds) {
  constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour;
  if (seconds < 2 * minute) return fmt::format("{}s", seconds);
  if (seconds < 2 * hour) return fmt::format("{}m", seconds / minute);
  if (seconds < 2 * day) return fmt::format("{}h", seconds / hour);
  return fmt::format("{}d", seconds / day);
}

}  // namespace

std::string relative_time(WallTime at, WallTime now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - at).count();
  if (seconds < -1) return "in " + span_words(-seconds);
  if (seconds < 2) return "just now";
  return span_words(seconds) + " ago";
}

std::string relative_time(std::string_view rfc3339, WallTime now) {
  const auto at = parse_rfc3339(rfc3339);
  return at ? relative_time(*at, now) : std::string(rfc3339);
}

std::string short_count(std::int64_t count) {
  const double value = static_cast<double>(count);
  if (std::abs(value) < 10'000) return fmt::format("{}", count);
  if (std::abs(value) < 999'950) return fmt::format("{:.1f}k", value / 1e3);
  if (std::abs(value) < 999'950'000) return fmt::format("{:.1f}M", value / 1e6);
  return fmt::format("{:.1f}G", value / 1e9);
}

std::string short_duration(double milliseconds) {
  if (milliseconds < 1'000) return fmt::format("{:.0f}ms", milliseconds);
  if (milliseconds < 60'000) return fmt::format("{:.2f}s", milliseconds / 1e3);
  const auto seconds = static_cast<std::int64_t>(milliseconds / 1e3);
  return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
}

std::string short_usd(Money money) {
  constexpr std::uint64_t dollar = 1'000'000'000'000, least = dollar / 10'000;
  const bool negative = money.picousd < 0;
  const auto value = static_cast<std::uint64_t>(money.picousd);
  const std::uint64_t amount = negative ? 0 - value : value;
  const char* const sign = negative ? "-" : "";
  if (amount == 0) return "$0";
  if (amount < least) return negative ? ">-$0.0001" : "<$0.0001";
  const std::uint64_t step = amount < 100 * dollar ? least : dollar / 100;
  const std::uint64_t rounded = (amount + step / 2) / step;
  const std::uint64_t whole = dollar / step;
  std::string text =
      fmt::format("{}${}.{:0{}}", sign, rounded / whole, rounded % whole, whole == 100 ? 2 : 4);
  for (const auto cents = text.find('.') + 3; text.size() > cents && text.back() == '0';)
    text.pop_back();
  return text;
}

std::string local_time_of_day(std::string_view rfc3339) {
  const auto at = parse_rfc3339(rfc3339);
  if (!at) return std::string(rfc3339);
  const auto since_epoch = std::chrono::floor<std::chrono::seconds>(*at).time_since_epoch();
  const std::time_t seconds = since_epoch.count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

}  // namespace routerone::cli
