#pragma once

#include <cstdint>
#include <optional>

#include "daemon/admission/calendar.h"
#include "daemon/admission/history.h"

namespace routerone::admission {

/// The window of one spend limit, and what was spent in it. A calendar window, once open, lasts as
/// much continuous time as the wall clock said it had left; setting that clock opens no second one
/// and ends none early. Rolling ones count minutes by their age, the partial one whole. Pure: told
/// the time. Not thread-safe.
class SpendWindow {
 public:
  /// Opens with what the history holds of it.
  SpendWindow(const SpendLimit&, Zone, Moment, const SpendHistory&);

  /// Another amount or warning for the same window. False: the window would be another one.
  bool adopt(const SpendLimit&);
  /// Ends what is over. Before every question, with a time that never goes back. True: a new window
  /// began.
  bool advance(Moment, const SpendHistory&);
  /// Settled now, or less than was settled in it. The history is told apart from this.
  void settle(Money);
  /// What the history holds of it.
  Money counted(const SpendHistory&) const;

  const SpendLimit& limit() const { return limit_; }
  Money spent() const { return spent_; }
  /// By the wall clock, if nobody sets it, to the second: when it begins anew. A rolling one: when
  /// `need` more than now fits, if nothing else is spent. Nothing if that never is.
  std::optional<WallTime> resets(Moment, const SpendHistory&, Money need) const;
  /// Is it time to warn? True once a window.
  bool take_warning(Moment);

 private:
  bool rolls() const { return limit_.rolling && limit_.period != Period::total; }
  void open(Moment, std::optional<WallTime> edge_before);

  SpendLimit limit_;
  Zone zone_;
  Money spent_;
  std::int64_t from_ = 0;  ///< Minutes since then count.
  WallTime end_ = WallTime::max();
  WallTime quiet_until_ = WallTime::min();
};

}  // namespace routerone::admission
