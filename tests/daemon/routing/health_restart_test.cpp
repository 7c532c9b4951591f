#include <doctest/doctest.h>

#include "daemon/routing/health.h"
#include "tests/support/manual_clock.h"

using namespace routerone;
using namespace std::chrono_literals;
using routing::Breaker;
using routing::Health;
using routing::Seconds;

namespace {

/// A daemon before and after a restart: the steady clock begins anew, the other one goes on.
struct Restart {
  test::ManualClock before_clock, after_clock;
  Health before{before_clock}, after{after_clock};

  void serve(const char* target, double first_byte) {
    const auto began = before.begin(target);
    REQUIRE(began);
    before.ended(target, *began, FailureClass::none, {},
                 {.first_byte = Seconds(first_byte), .output_tokens = 40});
  }
  void fail(const char* target, FailureClass how, std::optional<std::chrono::seconds> retry_after) {
    const auto began = before.begin(target);
    REQUIRE(began);
    before.ended(target, *began, how, retry_after, {.failed = true});
  }
  void restart(std::chrono::microseconds away) {
    after_clock.advance(3min);
    after_clock.set_wall(before_clock.wall() + away);
    after.load(before.save());
  }
};

}  // namespace

TEST_CASE("a restart forgets neither how a target served nor how its first bytes spread") {
  Restart world;
  for (int i = 0; i < 30; ++i) world.serve("a/m", i % 2 ? 0.5 : 1.5);
  world.restart(1min);
  const auto before = world.before.view("a/m"), after = world.after.view("a/m");
  CHECK(after.measured);
  CHECK(after.first_byte == before.first_byte);
  CHECK(after.output_tokens == 40);
  CHECK(routing::first_byte_timeout(after, 1s, 290s) ==
        routing::first_byte_timeout(before, 1s, 290s));
  CHECK(after.state == Breaker::State::closed);
  CHECK(after.stale);
  CHECK(after.in_flight == 0);
}

TEST_CASE("who said when to come back is not asked before, restart or not") {
  Restart world;
  world.fail("a/m", FailureClass::rate_limited, 10min);
  world.restart(4min);
  const auto view = world.after.view("a/m");
  CHECK(view.state == Breaker::State::open);
  CHECK(view.told);
  CHECK(view.why == FailureClass::rate_limited);
  CHECK(view.until - world.after_clock.steady() == 6min);
  CHECK(world.after_clock.steady() - view.since == 4min);
  CHECK_FALSE(world.after.begin("a/m"));
  world.after_clock.advance(6min);
  CHECK(world.after.begin("a/m"));
}

TEST_CASE("failures of before a restart are forgiven as if there had been none") {
  Restart world;
  world.serve("a/m", 1);
  world.fail("a/m", FailureClass::server_error, {});
  world.restart(8s);
  CHECK(world.after.view("a/m").failure_share == doctest::Approx(0.25));
}

TEST_CASE("what is older than a day is not taken over") {
  Restart world;
  world.serve("a/m", 1);
  world.before_clock.advance(23h);
  world.serve("b/m", 1);
  world.restart(1h + 1s);
  CHECK_FALSE(world.after.view("a/m").first_byte);
  CHECK(world.after.view("b/m").first_byte);
}

TEST_CASE("a wall clock that was set back keeps nobody away for longer than an hour") {
  Restart world;
  world.fail("a/m", FailureClass::rate_limited, 10min);
  world.restart(-24h * 400);
  const auto view = world.after.view("a/m");
  CHECK(view.state == Breaker::State::open);
  CHECK(view.since <= world.after_clock.steady());
  world.after_clock.advance(1h);
  CHECK(world.after.begin("a/m"));
}

TEST_CASE("records that no daemon wrote break nothing") {
  HealthRecord odd;
  odd.target = "a/m";
  odd.last_begun = odd.last_noted = odd.last_failed = WallTime::max();
  odd.open = true;
  odd.since = WallTime::min();
  odd.until = WallTime::max();
  odd.pause = std::chrono::seconds::max();
  Restart world;
  world.after.load({odd});
  const auto view = world.after.view("a/m");
  CHECK(view.state == Breaker::State::open);
  CHECK(view.until - world.after_clock.steady() == 1h);
  world.after_clock.advance(1h);
  CHECK(world.after.begin("a/m"));
}

TEST_CASE("what there is to save is told by a number that grows") {
  Restart world;
  const auto none = world.before.changes();
  static_cast<void>(world.before.view("a/m"));
  CHECK(world.before.changes() == none);
  world.serve("a/m", 1);
  const auto served = world.before.changes();
  CHECK(served > none);
  world.before.reset("a");
  CHECK(world.before.changes() > served);
}
