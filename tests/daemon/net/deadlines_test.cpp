#include "daemon/net/deadlines.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "tests/support/manual_clock.h"

using namespace routerone;
using namespace routerone::net;

namespace {

/// Deadlines whose one timer is a test's to fire.
struct Sweeper {
  void advance(Millis by) {
    clock.advance(by);
    if (armed && *armed <= clock.steady()) {
      armed.reset();
      deadlines.sweep();
    }
  }
  SteadyTime in(Millis time) const { return clock.steady() + time; }

  test::ManualClock clock;
  std::optional<SteadyTime> armed;
  int arms = 0;
  Deadlines deadlines{clock, [this](SteadyTime::duration delay) {
                        ++arms;
                        armed = clock.steady() + delay;
                      }};
};

}  // namespace

TEST_CASE("a deadline runs once, when its time has come") {
  Sweeper sweeper;
  int runs = 0;
  Deadline deadline(sweeper.deadlines, [&] { ++runs; });
  deadline.set(sweeper.in(Millis(100)));
  sweeper.advance(Millis(99));
  CHECK(runs == 0);
  CHECK_FALSE(deadline.expired());
  sweeper.advance(Millis(20));
  CHECK(runs == 1);
  CHECK(deadline.expired());
  CHECK(sweeper.deadlines.empty());
  sweeper.advance(Millis(1000));
  CHECK(runs == 1);
}

TEST_CASE("no timer is armed while no deadline is set") {
  Sweeper sweeper;
  Deadline deadline(sweeper.deadlines, [] {});
  CHECK_FALSE(sweeper.armed);
  deadline.set(sweeper.in(Millis(100)));
  CHECK(sweeper.armed);
  deadline.clear();
  sweeper.advance(Millis(200));
  CHECK_FALSE(sweeper.armed);
}

TEST_CASE("putting a deadline off costs no timer") {
  Sweeper sweeper;
  int runs = 0;
  Deadline deadline(sweeper.deadlines, [&] { ++runs; });
  for (int i = 0; i < 1000; ++i) {
    deadline.set(sweeper.in(Millis(100)));
    sweeper.advance(Millis(1));
  }
  CHECK(runs == 0);
  CHECK(sweeper.arms <= 15);
  sweeper.advance(Millis(120));
  CHECK(runs == 1);
}

TEST_CASE("an earlier deadline is not kept waiting by a later one") {
  Sweeper sweeper;
  int late = 0, early = 0;
  Deadline later(sweeper.deadlines, [&] { ++late; });
  Deadline earlier(sweeper.deadlines, [&] { ++early; });
  later.set(sweeper.in(Millis(10'000)));
  earlier.set(sweeper.in(Millis(50)));
  sweeper.advance(Millis(60));
  CHECK(early == 1);
  CHECK(late == 0);
  CHECK(sweeper.armed);
}

TEST_CASE("a deadline in the past runs from the sweep, not from set") {
  Sweeper sweeper;
  int runs = 0;
  Deadline deadline(sweeper.deadlines, [&] { ++runs; });
  deadline.set(sweeper.clock.steady() - Millis(5));
  CHECK(runs == 0);
  sweeper.advance(Deadlines::grain);
  CHECK(runs == 1);
}

TEST_CASE("setting again after expiry forgets the expiry") {
  Sweeper sweeper;
  int runs = 0;
  Deadline deadline(sweeper.deadlines, [&] { ++runs; });
  deadline.set(sweeper.in(Millis(10)));
  sweeper.advance(Millis(20));
  REQUIRE(deadline.expired());
  deadline.set(sweeper.in(Millis(10)));
  CHECK_FALSE(deadline.expired());
  sweeper.advance(Millis(20));
  CHECK(runs == 2);
}

TEST_CASE("what an expiry does to other deadlines holds within the same sweep") {
  Sweeper sweeper;
  std::vector<std::unique_ptr<Deadline>> all;
  int runs = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    all.push_back(std::make_unique<Deadline>(sweeper.deadlines, [&] {
      ++runs;
      all.clear();  // itself too
    }));
    all.back()->set(sweeper.in(Millis(10)));
  }
  sweeper.advance(Millis(20));
  CHECK(runs == 1);
  CHECK(sweeper.deadlines.empty());
}

TEST_CASE("a deadline may set itself anew when it expires") {
  Sweeper sweeper;
  int runs = 0;
  std::unique_ptr<Deadline> tick;
  tick = std::make_unique<Deadline>(sweeper.deadlines, [&] {
    if (++runs < 5) tick->set(sweeper.in(Millis(10)));
  });
  tick->set(sweeper.in(Millis(10)));
  for (int i = 0; i < 20; ++i) sweeper.advance(Millis(10));
  CHECK(runs == 5);
  CHECK_FALSE(sweeper.armed);
}

TEST_CASE("every deadline that is due runs, and none that is not") {
  CHECK(rc::check("any sets, clears and passing of time", [] {
    Sweeper sweeper;
    constexpr std::size_t count = 5;
    std::array<int, count> runs{};
    std::array<std::optional<SteadyTime>, count> due;
    std::vector<std::unique_ptr<Deadline>> deadlines;
    for (std::size_t i = 0; i < count; ++i) {
      deadlines.push_back(std::make_unique<Deadline>(sweeper.deadlines, [&, i] {
        RC_ASSERT(due[i].has_value());
        RC_ASSERT(*due[i] <= sweeper.clock.steady());
        due[i].reset();
        ++runs[i];
      }));
    }
    const auto steps = *rc::gen::inRange(0, 60);
    for (int step = 0; step < steps; ++step) {
      const auto which = *rc::gen::inRange<std::size_t>(0, count);
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          due[which] = sweeper.in(Millis(*rc::gen::inRange(0, 200)));
          deadlines[which]->set(*due[which]);
          break;
        case 1:
          due[which].reset();
          deadlines[which]->clear();
          break;
        default:
          sweeper.advance(Millis(*rc::gen::inRange(0, 100)));
          for (const auto& at : due) {
            RC_ASSERT(!at || *at + Deadlines::grain > sweeper.clock.steady());
          }
      }
    }
  }));
}
