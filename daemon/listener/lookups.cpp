#include "daemon/listener/lookups.h"

#include <memory>
#include <utility>

namespace routerone {

net::Task<bool> Lookups::run(net::Loop& loop, std::function<void()> work) {
  if (waiting_.fetch_add(1) >= most_) {
    waiting_.fetch_sub(1);
    co_return false;
  }
  const auto done = std::make_shared<net::Event>(loop);
  // Weakly: the event is its loop's alone, and its coroutine may be gone by then.
  thread_.run([this, to = &loop, whom = std::weak_ptr(done), work = std::move(work)] {
    work();
    waiting_.fetch_sub(1);
    to->post([whom] {
      if (const auto event = whom.lock()) event->set();
    });
  });
  co_await done->wait();
  co_return true;
}

}  // namespace routerone
