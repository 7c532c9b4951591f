#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace routerone::upstream {

/// A few threads for what would block a loop: name look-ups and loading certificates. Started when
/// first needed. One a daemon.
class Background {
 public:
  explicit Background(std::size_t threads) : most_(threads) {}
  ~Background() { stop(); }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void run(std::function<void()> work);  ///< Any thread.
  /// Waits for the work under way; what has not begun is dropped. For its owner's end.
  void stop();

 private:
  void serve();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t resting_ = 0;
  bool stopping_ = false;
};

}  // namespace routerone::upstream
