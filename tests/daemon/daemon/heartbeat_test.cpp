#include "daemon/daemon/heartbeat.h"

#include <doctest/doctest.h>

#include <latch>
#include <optional>

#include "common/core/clock.h"

namespace routerone {
namespace {

const SystemClock real_clock;

struct RunningLoop {
  net::Loop loop{real_clock};
  std::thread thread{[this] { loop.run(); }};
  ~RunningLoop() {
    loop.stop();
    thread.join();
  }
};

/// Counts, and lets others wait for a count.
class Counter {
 public:
  void add() {
    ++count_;
    count_.notify_all();
  }
  int count() const { return count_; }
  void wait_for(int wanted) const {
    for (int now = count_; now < wanted; now = count_) count_.wait(now);
  }

 private:
  std::atomic<int> count_{0};
};

TEST_CASE("while all loops work, signs of life go on and on") {
  RunningLoop one, two;
  Counter alive;
  const Heartbeat heartbeat({&one.loop, &two.loop}, Millis(1), [&] { alive.add(); });
  alive.wait_for(5);
  CHECK(alive.count() >= 5);
}

TEST_CASE("a loop that is stuck keeps the beat, and none is sent until it works again") {
  RunningLoop one, two;
  std::latch stuck(1), let_go(1);
  two.loop.post([&] {
    stuck.count_down();
    let_go.wait();
  });
  stuck.wait();
  Counter alive, first_loop;
  const Heartbeat heartbeat({&one.loop, &two.loop}, Millis(1), [&] { alive.add(); });
  // The first loop works all the time, many beats long.
  for (int i = 0; i < 50; ++i) {
    one.loop.post([&] { first_loop.add(); });
    first_loop.wait_for(i + 1);
    std::this_thread::sleep_for(Millis(1));
  }
  CHECK(alive.count() == 0);
  let_go.count_down();
  alive.wait_for(2);
  CHECK(alive.count() >= 2);
}

TEST_CASE("nobody is called once it is gone, though a beat was on its way") {
  net::Loop loop(real_clock);  // does not run yet
  Counter alive;
  {
    const Heartbeat heartbeat({&loop}, Millis(1), [&] { alive.add(); });
  }
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK(alive.count() == 0);
}

}  // namespace
}  // namespace routerone
