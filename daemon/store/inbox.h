#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/trace_row.h"

namespace routerone::store {

/// A row on its way, and whom to tell.
struct Submitted {
  CommitRecord record;
  std::function<void(bool committed)> done;
};

/// Many loops put in, one writer takes out everything at once. The lock is held for a push or a
/// swap, never over I/O.
class Inbox {
 public:
  void put(Submitted row) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = rows_.empty();
      rows_.push_back(std::move(row));
    }
    if (first) filled_.notify_one();
  }

  /// Something else for the writer to do, after the rows that came before it.
  void ask(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    filled_.notify_one();
  }
  std::vector<std::function<void()>> take_jobs() {
    const std::lock_guard lock(mutex_);
    return std::exchange(jobs_, {});
  }

  /// Wakes the writer without a row.
  void nudge() {
    {
      const std::lock_guard lock(mutex_);
      nudged_ = true;
    }
    filled_.notify_one();
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    filled_.notify_one();
  }

  /// Swaps what is there into `rows` (emptied first), waiting up to `wait` for something and then
  /// `gather` for more of it. False once closed and empty.
  bool take(std::vector<Submitted>& rows, Millis wait, std::chrono::microseconds gather) {
    rows.clear();
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, wait, [this] { return !rows_.empty() || is_wanted(); });
    if (gather.count() > 0 && !rows_.empty())
      filled_.wait_for(lock, gather, [this] { return is_wanted(); });
    nudged_ = false;
    rows.swap(rows_);
    return !closed_ || !rows.empty() || !jobs_.empty();
  }

 private:
  bool is_wanted() const { return closed_ || nudged_ || !jobs_.empty(); }

  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<Submitted> rows_;
  std::vector<std::function<void()>> jobs_;
  bool closed_ = false;
  bool nudged_ = false;
};

}  // namespace routerone::store
