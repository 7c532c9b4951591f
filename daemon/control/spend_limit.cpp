#include <fmt/format.h>

#include "common/core/money.h"
#include "common/core/text.h"
#include "common/platform/time_zone.h"
#include "daemon/control/limits.h"
#include "daemon/store/limits_json.h"

namespace routerone::control {
namespace {

constexpr Money most_spend{1'000'000'000'000'000'000};  // a million dollars: sums must fit

Result<Money> read_amount(const std::string& text) {
  const bool sign = text.starts_with('$');
  TRY(const Money amount, parse_usd(std::string_view(text).substr(sign ? 1 : 0)));
  if (amount <= Money{})
    return fail(ErrorKind::invalid, fmt::format("a spend limit of {} lets nothing through", text),
                "to stop a key: routerone keys revoke NAME; for no limit: none");
  if (amount > most_spend)
    return fail(ErrorKind::invalid, "a spend limit is at most 1000000 USD", "for no limit: none");
  return amount;
}

Result<int> read_percent(const std::string& text) {
  std::string_view digits = text;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  const auto percent = parse_uint(digits);
  if (percent && *percent >= 1 && *percent <= 100) return static_cast<int>(*percent);
  return fail(ErrorKind::invalid,
              fmt::format("--warn takes 1% to 100%, not \"{}\"", printable(text, 20)),
              "at how much of the limit to warn: --warn 80%");
}

Result<Period> read_period(const std::string& word) {
  if (const auto period = store::period_of(word)) return *period;
  return fail(
      ErrorKind::invalid,
      fmt::format("\"{}\" is not a time after which a limit begins anew", printable(word, 20)),
      "--every takes: hour, day, week, month, total");
}

/// Only the calendar of a window that begins anew has a zone.
Status apply_calendar(SpendLimit& limit, const SpendWish& wish) {
  if (wish.rolling) limit.rolling = *wish.rolling;
  if (limit.period == Period::total && wish.rolling.value_or(false))
    return fail(ErrorKind::invalid, "a limit in total has no window that could roll",
                "add --every hour, day, week or month, or leave --rolling out");
  if (limit.period == Period::total) limit.rolling = false;
  const bool calendar = limit.period != Period::total && !limit.rolling;
  if (wish.timezone && !calendar)
    return fail(ErrorKind::invalid, "only a limit that goes by the calendar has a time zone",
                "add --every hour, day, week or month without --rolling");
  if (wish.timezone && !time_zone_exists(*wish.timezone))
    return fail(
        ErrorKind::invalid,
        fmt::format("there is no time zone \"{}\" on this machine", printable(*wish.timezone, 64)),
        "use a name like Europe/Berlin, America/New_York or UTC");
  if (wish.timezone) limit.timezone = *wish.timezone;
  if (!calendar) limit.timezone.clear();
  if (calendar && limit.timezone.empty()) limit.timezone = machine_time_zone();
  return {};
}

bool says_how(const SpendWish& wish) {
  return wish.every || wish.rolling || wish.timezone || wish.warn;
}

}  // namespace

Status apply_spend(std::optional<SpendLimit>& limit, const SpendWish& wish) {
  if (wish.max_spend == "none") {
    if (says_how(wish))
      return fail(ErrorKind::invalid,
                  "no spend limit at all, and how it is to be, cannot go together",
                  "say either none or an amount");
    limit.reset();
    return {};
  }
  if (!wish.max_spend && !says_how(wish)) return {};
  if (!wish.max_spend && !limit)
    return fail(
        ErrorKind::invalid,
        "there is no spend limit that --every, --rolling, --timezone or --warn could change",
        "add --max-spend USD");
  SpendLimit next = limit.value_or(SpendLimit());
  if (wish.max_spend) {
    TRY(next.amount, read_amount(*wish.max_spend));
  }
  if (wish.every) {
    TRY(next.period, read_period(*wish.every));
  }
  TRY_STATUS(apply_calendar(next, wish));
  if (wish.warn) {
    TRY(next.warn_percent, read_percent(*wish.warn));
  }
  limit = std::move(next);
  return {};
}

Json spend_limit_view(const std::optional<SpendLimit>& limit) {
  if (!limit) return nullptr;
  Json out = Json::object();
  out["usd"] = format_usd(limit->amount);
  out["every"] = store::to_word(limit->period);
  out["rolling"] = limit->rolling;
  out["timezone"] = limit->timezone.empty() ? Json(nullptr) : Json(limit->timezone);
  out["warn_percent"] = limit->warn_percent;
  return out;
}

}  // namespace routerone::control
