#pragma once

#include <functional>
#include <utility>

namespace routerone::net {

/// "Stop what you do for this request", within one loop. Requested once, by the session that sees
/// its caller leave, or by shutdown; heard by whatever is waiting on its behalf. Not thread-safe.
class StopSignal {
 public:
  StopSignal() = default;
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  bool requested() const { return requested_; }
  /// Runs the listener, if there is one. Later calls do nothing.
  void request() {
    if (std::exchange(requested_, true)) return;
    if (listener_) std::exchange(listener_, nullptr)();
  }

  /// At most one listener at a time; gone with the Listener.
  class Listener {
   public:
    Listener(StopSignal& signal, std::function<void()> on_stop) : signal_(signal) {
      signal_.listener_ = std::move(on_stop);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { signal_.listener_ = nullptr; }

   private:
    StopSignal& signal_;
  };

 private:
  bool requested_ = false;
  std::function<void()> listener_;
};

}  // namespace routerone::net
