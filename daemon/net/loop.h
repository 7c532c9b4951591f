#pragma once

#include <functional>
#include <memory>

#include "common/core/clock.h"
#include "daemon/net/task.h"

namespace routerone::net {

class Deadlines;

/// One event loop: one io_context (concurrency hint 1) run by one thread, with its timer sweep.
/// Everything of a connection happens on its loop; only post() may be called from other threads.
class Loop {
 public:
  explicit Loop(const Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                        ///< Until stop(), and what was ready then; on its own thread.
  void stop();                       ///< From any thread.
  void post(std::function<void()>);  ///< From any thread; runs on the loop.
  void spawn(Task<void>);            ///< On the loop; an exception in it aborts.

  boost::asio::io_context& context();
  Executor executor();
  Deadlines& deadlines();
  SteadyTime now() const { return clock_.steady(); }
  const Clock& clock() const { return clock_; }

 private:
  const Clock& clock_;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Suspends for about `time` (the sweep's grain is 10 ms).
Task<void> sleep_for(Loop&, Millis time);

/// A flag that one coroutine may wait for. Loop-local; set it from elsewhere by Loop::post.
class Event {
 public:
  explicit Event(Loop&);
  ~Event();
  void set();
  bool is_set() const { return set_; }
  Task<void> wait();  ///< Returns at once if set.
  /// False if `limit` passed first.
  Task<bool> wait_for(Millis limit);

 private:
  Loop& loop_;
  bool set_ = false;
  struct Waiter;
  std::unique_ptr<Waiter> waiter_;
};

}  // namespace routerone::net
