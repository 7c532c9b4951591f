#pragma once

#include "common/core/clock.h"
#include "daemon/exchange/trace_row.h"
#include "daemon/net/loop.h"
#include "daemon/net/task.h"
#include "daemon/store/trace_store.h"

namespace routerone::trace {

/// Hands rows to the store and holds the end of an answer until its row is committed. One a loop.
class Recorder {
 public:
  Recorder(store::TraceStore& store, net::Loop& loop) : store_(store), loop_(loop) {}
  virtual ~Recorder() = default;

  /// Returns when committed, or after `wait` (then the row is counted late). Never fails: a row
  /// that cannot be written is kept in memory by the store.
  virtual net::Task<void> commit(CommitRecord, Millis wait);
  /// For rows nobody waits for: unauthenticated refusals, at most 10 a second; the rest is counted.
  virtual void note(CommitRecord);

 private:
  store::TraceStore& store_;
  net::Loop& loop_;
  SteadyTime second_{};
  int noted_in_second_ = 0;
};

}  // namespace routerone::trace
