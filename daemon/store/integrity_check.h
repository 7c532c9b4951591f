#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

namespace routerone::store {

/// Reads a whole database for damage, beside everything else, on a thread of its own: it may take
/// seconds and neither start nor commits wait for it.
class IntegrityCheck {
 public:
  ~IntegrityCheck() { stop(); }
  /// `on_damage` runs on the check's thread, and only if the database is damaged.
  void start(const std::filesystem::path& database, std::function<void()> on_damage);
  /// Gives up, if it still runs, and waits for the thread.
  void stop();

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace routerone::store
