#pragma once

#include <functional>

#include "common/core/clock.h"

namespace routerone::net {

class Deadlines;

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
  Deadline* previous_ = nullptr;  // intrusive list of those that are set
  Deadline* next_ = nullptr;
};

}  // namespace routerone::net
