#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "daemon/store/totals.h"
#include "daemon/store/trace_store.h"

namespace routerone::store {

/// What the writer thread tells everybody else. Locks are held for a copy only.
class State {
 public:
  void set_health(const StoreHealth& health) {
    const std::lock_guard lock(mutex_);
    health_ = health;
  }
  StoreHealth health() const {
    const std::lock_guard lock(mutex_);
    StoreHealth copy = health_;
    copy.rows_unkept = unkept_;
    copy.rows_late = late.load(std::memory_order_relaxed);
    return copy;
  }

  bool admit_unasked(SteadyTime now) {
    const std::lock_guard lock(mutex_);
    if (now - second_ >= std::chrono::seconds(1)) {
      second_ = now;
      in_second_ = 0;
    }
    if (in_second_ < most_unasked_a_second) return ++in_second_ > 0;
    ++unkept_;
    return false;
  }

  void set_settled(const Totals& settled) {
    const std::lock_guard lock(mutex_);
    settled_ = settled;
  }
  void update_settled(const Totals& changed) {
    const std::lock_guard lock(mutex_);
    for (const auto& [scope, total] : changed) settled_[scope] = total;
  }
  Totals settled() const {
    const std::lock_guard lock(mutex_);
    return settled_;
  }

  void set_newest(std::int64_t sequence) {
    {
      const std::lock_guard lock(mutex_);
      if (sequence == newest_) return;
      newest_ = sequence;
    }
    grown_.notify_all();
  }
  std::int64_t newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }
  std::int64_t wait_after(std::int64_t sequence, Millis wait) const {
    std::unique_lock lock(mutex_);
    grown_.wait_for(lock, wait, [&] { return newest_ > sequence; });
    return newest_;
  }

  std::atomic<std::uint64_t> late{0};
  std::atomic<bool> durable{false};
  std::atomic<int> retention_days{0};
  std::atomic<std::uint64_t> retention_bytes{0};

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  StoreHealth health_;
  Totals settled_;
  std::int64_t newest_ = 0;
  static constexpr int most_unasked_a_second = 10;
  SteadyTime second_{};
  int in_second_ = 0;
  std::uint64_t unkept_ = 0;
};

}  // namespace routerone::store
