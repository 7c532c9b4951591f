#include "daemon/listener/lookups.h"

#include <utility>

namespace routerone {

/// Not a coroutine itself: GCC 12 loses count of what a frame's temporaries own.
net::Task<bool> Lookups::run(net::Loop& loop, const std::function<void()>& work) {
  if (waiting_.fetch_add(1) >= most_) {
    waiting_.fetch_sub(1);
    return await(nullptr);
  }
  auto done = std::make_shared<net::Event>(loop);
  // Weakly: the event is its loop's alone, and its coroutine may be gone by then.
  thread_.run([this, to = &loop, whom = std::weak_ptr(done), work] {
    work();
    waiting_.fetch_sub(1);
    to->post([whom] {
      if (const auto event = whom.lock()) event->set();
    });
  });
  return await(std::move(done));
}

net::Task<bool> Lookups::await(std::shared_ptr<net::Event> done) {
  if (done == nullptr) co_return false;
  co_await done->wait();
  co_return true;
}

}  // namespace routerone
