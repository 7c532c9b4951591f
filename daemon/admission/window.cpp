#include "daemon/admission/window.h"

#include <algorithm>
#include <limits>

#include "daemon/admission/amounts.h"

namespace routerone::admission {
namespace {

constexpr std::int64_t ever = std::numeric_limits<std::int64_t>::max();

/// Without a product that could overflow.
Money percent_of(Money amount, int percent) {
  return {amount.picousd / 100 * percent + amount.picousd % 100 * percent / 100};
}

/// Between readings of the two clocks lie a few microseconds, which nobody is to be told of.
WallTime told(WallTime at) { return std::chrono::round<std::chrono::seconds>(at); }

}  // namespace

SpendWindow::SpendWindow(const SpendLimit& limit, Zone zone, Moment now,
                         const SpendHistory& history)
    : limit_(limit), zone_(zone) {
  if (rolls())
    from_ = minute_of(now.at - rolling_length(limit_.period));
  else if (limit_.period != Period::total)
    open(now, std::nullopt);
  spent_ = std::max(counted(history), Money{});
}

/// However the wall clock is set, two edges in a row are at least half a window apart: else a clock
/// that went back a little would open a window for what is left until the edge that has just
/// passed.
void SpendWindow::open(Moment now, std::optional<WallTime> edge_before) {
  Span span = calendar_span(limit_.period, zone_, now.wall);
  const WallTime start = now.at - (now.wall - span.start);
  end_ = start + (span.end - span.start);
  from_ = minute_of(edge_before ? now.at : start);
  if (!edge_before || end_ - *edge_before >= (span.end - span.start) / 2) return;
  span = calendar_span(limit_.period, zone_, span.end);
  end_ += span.end - span.start;
}

bool SpendWindow::adopt(const SpendLimit& limit) {
  if (limit.period != limit_.period || limit.rolling != limit_.rolling ||
      limit.timezone != limit_.timezone)
    return false;
  if (limit.amount != limit_.amount || limit.warn_percent != limit_.warn_percent)
    quiet_until_ = WallTime::min();
  limit_ = limit;
  return true;
}

bool SpendWindow::advance(Moment now, const SpendHistory& history) {
  if (rolls()) {
    const std::int64_t from = minute_of(now.at - rolling_length(limit_.period));
    if (from <= from_) return false;
    // A sum that has reached the end of its range has lost what to take away from.
    spent_ =
        spent_ == most_money ? history.between(from, ever) : spent_ - history.between(from_, from);
    from_ = from;
    return false;
  }
  if (now.at < end_) return false;
  open(now, end_);
  spent_ = {};
  return true;
}

void SpendWindow::settle(Money amount) { spent_ = std::max(spent_ + amount, Money{}); }

Money SpendWindow::counted(const SpendHistory& history) const {
  return limit_.period == Period::total ? history.total() : history.between(from_, ever);
}

std::optional<WallTime> SpendWindow::resets(Moment now, const SpendHistory& history,
                                            Money need) const {
  if (limit_.period == Period::total) return std::nullopt;
  if (!rolls()) return told(now.wall + (end_ - now.at));
  Money missing = need - (limit_.amount - spent());
  for (const SpendHistory::Minute& entry : history.minutes()) {
    if (entry.minute < from_) continue;
    missing -= entry.settled;
    if (missing > Money{}) continue;
    const WallTime gone =
        WallTime(std::chrono::minutes(entry.minute + 1)) + rolling_length(limit_.period);
    return told(now.wall + std::max(gone - now.at, WallTime::duration(0)));
  }
  return std::nullopt;
}

bool SpendWindow::take_warning(Moment now) {
  if (limit_.warn_percent <= 0 || spent() == Money{} || now.at < quiet_until_) return false;
  if (spent() < percent_of(limit_.amount, std::min(limit_.warn_percent, 100))) return false;
  quiet_until_ = rolls() ? now.at + rolling_length(limit_.period) : end_;
  return true;
}

}  // namespace routerone::admission
