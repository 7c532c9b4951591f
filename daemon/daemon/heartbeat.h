#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/core/clock.h"
#include "daemon/net/loop.h"

namespace routerone {

/// Shows that the daemon works: now and then a beat goes from loop to loop, and the last one calls
/// `alive`. A loop that is stuck keeps it, no further beat is sent, and nobody says that we are
/// well. The loops outlive this; what is on its way when this goes is forgotten.
class Heartbeat {
 public:
  /// `loops`: one at least. `alive` is called on the last of them.
  Heartbeat(std::vector<net::Loop*> loops, Millis every, std::function<void()> alive);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  struct Beat;
  static void pass_on(const std::shared_ptr<Beat>&, std::size_t to);

  std::shared_ptr<Beat> beat_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace routerone
