#include "daemon/net/loop.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/core/clock.h"
#include "daemon/net/resume.h"
#include "daemon/net/stop.h"

using namespace routerone;
using namespace routerone::net;

namespace {

/// Runs `task` to its end on a loop of this thread.
void run(Loop& loop, Task<void> task) {
  const auto whole = [](Loop& on, Task<void> work) -> Task<void> {
    co_await std::move(work);
    on.stop();
  };
  loop.spawn(whole(loop, std::move(task)));
  loop.run();
}

}  // namespace

TEST_CASE("what other threads post runs on the loop's thread, in each one's order") {
  const SystemClock clock;
  Loop loop(clock);
  constexpr int senders = 4, each = 2'000;
  std::vector<int> last(senders, -1);
  int ran = 0, out_of_order = 0;
  std::thread::id where;
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&, sender] {
      for (int i = 0; i < each; ++i) {
        loop.post([&, sender, i] {
          int& before = last[static_cast<std::size_t>(sender)];
          if (i != before + 1) ++out_of_order;
          before = i;
          if (std::this_thread::get_id() != where) ++out_of_order;
          if (++ran == senders * each) loop.stop();
        });
      }
    });
  }
  where = std::this_thread::get_id();
  for (std::thread& thread : threads) thread.join();
  loop.run();
  CHECK(ran == senders * each);
  CHECK(out_of_order == 0);
}

TEST_CASE("what was made ready before a loop stopped has run when run() returns") {
  const SystemClock clock;
  Loop loop(clock);
  bool heard = false;
  loop.post([&] {
    loop.post([&] { heard = true; });
    loop.stop();
  });
  loop.run();
  CHECK(heard);
}

TEST_CASE("a loop that stops does not run on with work that brings more work") {
  const SystemClock clock;
  Loop loop(clock);
  int ran = 0;
  std::function<void()> again = [&] {
    ++ran;
    loop.post(again);
  };
  loop.post(again);
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK(ran > 1);
}

TEST_CASE("a loop without work waits until it is stopped from another thread") {
  const SystemClock clock;
  Loop loop(clock);
  std::atomic<bool> ended{false};
  std::thread running([&] {
    loop.run();
    ended = true;
  });
  std::atomic<bool> alive{false};
  loop.post([&] { alive = true; });
  while (!alive) std::this_thread::yield();
  CHECK_FALSE(ended);
  loop.stop();
  running.join();
  CHECK(ended);
}

TEST_CASE("sleeping lasts as long as was asked, and holds nobody up") {
  const SystemClock clock;
  Loop loop(clock);
  std::string order;
  const auto sleeper = [&](Millis time, char name) -> Task<void> {
    const SteadyTime began = loop.now();
    co_await sleep_for(loop, time);
    CHECK(loop.now() - began >= time);
    order += name;
  };
  loop.spawn(sleeper(Millis(60), 'b'));
  loop.spawn(sleeper(Millis(20), 'a'));
  run(loop, sleeper(Millis(120), 'c'));
  CHECK(order == "abc");
}

TEST_CASE("an event wakes who waits, and lets through who comes later") {
  const SystemClock clock;
  Loop loop(clock);
  Event event(loop);
  int passed = 0;
  const auto waiter = [&]() -> Task<void> {
    co_await event.wait();
    ++passed;
    co_await event.wait();
    const bool in_time = co_await event.wait_for(Millis(10'000));
    CHECK(in_time);
    ++passed;
    loop.stop();
  };
  loop.spawn(waiter());
  loop.post([&] {
    CHECK(passed == 0);
    event.set();
  });
  loop.run();
  CHECK(passed == 2);
  CHECK(event.is_set());
}

TEST_CASE("waiting with a limit tells which came first") {
  const SystemClock clock;
  Loop loop(clock);
  const auto test = [&]() -> Task<void> {
    Event never(loop);
    const bool set = co_await never.wait_for(Millis(20));
    CHECK_FALSE(set);
    CHECK_FALSE(never.is_set());
    Event soon(loop);
    loop.post([&soon] { soon.set(); });
    const bool in_time = co_await soon.wait_for(Millis(60'000));
    CHECK(in_time);
  };
  run(loop, test());
}

TEST_CASE("resuming goes on inside the call, and does nothing without a waiter") {
  const SystemClock clock;
  Loop loop(clock);
  Resume resume;
  resume.now();
  std::string order;
  const auto waiter = [&]() -> Task<void> {
    order += "wait ";
    co_await resume.wait();
    order += "woken ";
    co_await resume.wait();
    order += "again ";
  };
  loop.spawn(waiter());
  loop.post([&] {
    CHECK(resume.waiting());
    resume.now();
    order += "after ";
    CHECK(resume.waiting());
    resume.now();
    CHECK_FALSE(resume.waiting());
    resume.now();
    loop.stop();
  });
  loop.run();
  CHECK(order == "wait woken after again ");
}

TEST_CASE("a stop is heard once, by whoever listens then") {
  StopSignal signal;
  int heard = 0;
  {
    const StopSignal::Listener gone(signal, [&] { heard += 100; });
  }
  const StopSignal::Listener listener(signal, [&] { ++heard; });
  CHECK_FALSE(signal.requested());
  signal.request();
  signal.request();
  CHECK(signal.requested());
  CHECK(heard == 1);
}
