#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "daemon/routing/health.h"

namespace routerone {

/// Keeps what is known of the targets' health over a restart: read at the start, written now and
/// then where something has changed, and at the end. It writes on a thread of its own: the file is
/// synced, and no loop waits for a disk.
class HealthKeeper {
 public:
  /// `health` outlives it. A file that cannot be used is told of and left behind.
  HealthKeeper(routing::Health& health, std::filesystem::path file,
               std::function<void(const std::string&)> warn);
  ~HealthKeeper();
  HealthKeeper(const HealthKeeper&) = delete;
  HealthKeeper& operator=(const HealthKeeper&) = delete;

 private:
  void run();
  void save();

  static constexpr std::chrono::seconds between_saves{60};

  routing::Health& health_;
  const std::filesystem::path file_;
  const std::function<void(const std::string&)> warn_;
  std::uint64_t saved_ = 0;  // Health::changes() then
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace routerone
