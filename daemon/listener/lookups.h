#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

#include "daemon/net/loop.h"
#include "daemon/upstream/background.h"

namespace routerone {

/// What must wait for the disk on behalf of a caller, away from the loops: one thread, and a cap on
/// how many wait for it, so that whoever polls cannot pile up work. One a daemon; goes after the
/// loops have stopped and before what the work uses.
class Lookups {
 public:
  explicit Lookups(std::size_t most = 16) : most_(most) {}

  /// Returns once `work` has run. It may outlive its caller, so it must own what it writes to.
  /// False: too many are waiting, and it will not run.
  net::Task<bool> run(net::Loop&, const std::function<void()>& work);

 private:
  static net::Task<bool> await(std::shared_ptr<net::Event> done);

  const std::size_t most_;
  std::atomic<std::size_t> waiting_{0};
  upstream::Background thread_{1};
};

}  // namespace routerone
