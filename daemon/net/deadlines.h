#pragma once

#include <functional>
#include <utility>

#include "common/core/clock.h"

namespace routerone::net {

class Deadline;

/// All deadlines of one loop and the one timer that sweeps them. The timer is armed for the nearest
/// deadline, no finer than `grain`, and not at all while none is set.
class Deadlines {
 public:
  static constexpr Millis grain{10};

  /// `arm(delay)`: call sweep() after about that time; a later arm replaces an earlier one.
  Deadlines(const Clock& clock, std::function<void(SteadyTime::duration)> arm)
      : clock_(clock), arm_(std::move(arm)) {}
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  /// Runs what has expired, then arms for what is left.
  void sweep();
  bool empty() const { return first_ == nullptr; }

 private:
  friend class Deadline;
  void add(Deadline&);
  void remove(Deadline&);
  void wake_by(SteadyTime at);

  const Clock& clock_;
  std::function<void(SteadyTime::duration)> arm_;
  SteadyTime armed_ = SteadyTime::max();
  Deadline* first_ = nullptr;
  Deadline* cursor_ = nullptr;  ///< The next that a running sweep looks at.
};

/// A point in time after which `on_expiry` runs once, from the loop's one coarse sweep (never from
/// inside set() or clear()). Setting it again only stores a time, so it may be done a read.
/// Owned by who waits; removed by its destructor. One loop only.
class Deadline {
 public:
  Deadline(Deadlines& deadlines, std::function<void()> on_expiry);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline();

  void set(SteadyTime at);
  void clear();
  bool expired() const { return expired_; }

 private:
  friend class Deadlines;
  Deadlines& deadlines_;
  std::function<void()> on_expiry_;
  SteadyTime at_ = SteadyTime::max();
  bool expired_ = false;
  bool listed_ = false;
  Deadline* previous_ = nullptr;  // intrusive list of those that are set
  Deadline* next_ = nullptr;
};

}  // namespace routerone::net
