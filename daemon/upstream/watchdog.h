#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "daemon/net/deadlines.h"
#include "daemon/net/loop.h"
#include "daemon/net/stop.h"
#include "daemon/upstream/upstream.h"

namespace routerone::upstream {

/// The clocks of one exchange and its stop signal, in one place: whichever strikes first says why,
/// and interrupts whatever is being waited for. Lives from send() to the end of the Reply.
class Watchdog {
 public:
  Watchdog(net::Loop& loop, net::StopSignal& stop, Millis total)
      : loop_(loop),
        phase_(loop.deadlines(), [this] { strike(phase_fault_); }),
        total_(loop.deadlines(), [this] { strike(FaultKind::total_timeout); }),
        listener_(stop, [this] { strike(FaultKind::cancelled); }) {
    total_.set(loop.now() + total);
    if (stop.requested()) struck_ = FaultKind::cancelled;
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// From now on the limit is `time`, and passing it means `fault`.
  void limit(Millis time, FaultKind fault) {
    phase_fault_ = fault;
    phase_.set(loop_.now() + time);
  }
  /// Nothing is waited for: until the next limit, time is the reader's and not the provider's.
  void rest() { phase_.set(SteadyTime::max()); }
  /// What gets the waiter out of its wait; replaces the one before.
  void interrupt_by(std::function<void()> interrupt) { interrupt_ = std::move(interrupt); }

  const std::optional<FaultKind>& struck() const { return struck_; }
  /// The fault that struck, else `other`.
  Fault fault_or(FaultKind other, std::string detail = {}) const {
    return struck_ ? Fault{*struck_, {}} : Fault{other, std::move(detail)};
  }

 private:
  void strike(FaultKind why) {
    if (!struck_) struck_ = why;
    if (interrupt_) interrupt_();
  }

  net::Loop& loop_;
  FaultKind phase_fault_ = FaultKind::connect_timeout;
  std::optional<FaultKind> struck_;
  std::function<void()> interrupt_;
  net::Deadline phase_;
  net::Deadline total_;
  net::StopSignal::Listener listener_;
};

}  // namespace routerone::upstream
