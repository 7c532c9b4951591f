#include "daemon/admission/window.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/core/text.h"
#include "tests/daemon/admission/fixture.h"

namespace routerone::admission::test {
namespace {

/// Sets the wall clock and the process begins there.
void begin_at(World& world, const char* when) {
  world.clock.set_wall(*parse_rfc3339(when));
  world.restart();
}

/// A key with five dollars a period; each spends one.
void limit_key(World& world, Period period, bool rolling = false, const char* timezone = "") {
  world.key().limits.spend = limit_of(usd(5), period, rolling, timezone);
  world.configure();
}

int spends(World& world) { return world.spend_all(usd(1)); }

constexpr auto saturday_morning = "2026-11-21T09:00:00Z";

/// Where limit_key() holds from the start.
struct LimitedWorld : World {
  LimitedWorld(const char* when, Period period, bool rolling = false, const char* place = "") {
    begin_at(*this, when);
    limit_key(*this, period, rolling, place);
  }
};

TEST_CASE("a limit without a period is spent once") {
  World world;
  limit_key(world, Period::total);
  CHECK(spends(world) == 5);
  world.clock.advance(days(400));
  CHECK(spends(world) == 0);
  CHECK(!world.state().resets);
}

TEST_CASE("a calendar day begins anew at midnight, not before") {
  LimitedWorld world(saturday_morning, Period::day);
  CHECK(spends(world) == 5);
  CHECK(world.state().resets == parse_rfc3339("2026-11-22T00:00:00Z"));
  world.clock.advance(hours(15) - microseconds(1));
  CHECK(spends(world) == 0);
  world.clock.advance(microseconds(1));
  CHECK(spends(world) == 5);
}

TEST_CASE("after idle days a window is the one the wall clock is in") {
  LimitedWorld world(saturday_morning, Period::day);
  CHECK(spends(world) == 5);
  world.clock.advance(days(3) + hours(14));  // 23:00
  CHECK(spends(world) == 5);
  world.clock.advance(hours(1));
  CHECK(spends(world) == 5);
}

TEST_CASE("time goes on while the machine sleeps") {
  LimitedWorld world("2026-11-21T23:00:00Z", Period::day);
  CHECK(spends(world) == 5);
  world.clock.sleep(hours(2));
  CHECK(spends(world) == 5);
}

TEST_CASE("a day of Berlin's is 25 hours long in October") {
  LimitedWorld world("2026-10-24T22:00:00Z", Period::day, false, "Europe/Berlin");
  CHECK(spends(world) == 5);
  world.clock.advance(hours(24));
  CHECK(spends(world) == 0);
  world.clock.advance(hours(1));
  CHECK(spends(world) == 5);
  world.clock.advance(hours(24));
  CHECK(spends(world) == 5);
}

TEST_CASE("weeks begin on Monday and months on the first, in the limit's zone") {
  LimitedWorld world("2026-11-29T12:00:00Z", Period::week, false, "America/St_Johns");  // a Sunday
  CHECK(world.state().resets == parse_rfc3339("2026-11-30T03:30:00Z"));
  limit_key(world, Period::month, false, "America/St_Johns");
  CHECK(world.state().resets == parse_rfc3339("2026-12-01T03:30:00Z"));
}

TEST_CASE("setting the wall clock opens no second window") {
  for (const auto jump : {hours(1), hours(-1), hours(14), hours(15), hours(24), hours(24 * 400),
                          hours(24 * -400), hours(24 * 400 + 14)}) {
    CAPTURE(jump.count());
    LimitedWorld world(saturday_morning, Period::day);
    CHECK(spends(world) == 5);
    world.clock.jump_wall(jump);
    CHECK(spends(world) == 0);
    world.clock.advance(hours(15) - seconds(1));
    CHECK(spends(world) == 0);
    // Nor is anybody refused for longer than the window was to last.
    world.clock.advance(seconds(1));
    CHECK(spends(world) == 5);
    // The new window is no crumb that another one follows at once.
    world.clock.advance(hours(11));
    CHECK(spends(world) == 0);
    world.clock.advance(hours(25));
    CHECK(spends(world) == 5);
  }
}

TEST_CASE("a wall clock that goes back and forth within a window changes nothing") {
  LimitedWorld world(saturday_morning, Period::hour);
  int spent = 0;
  for (int minute = 0; minute < 59; ++minute) {
    world.clock.jump_wall(minute % 2 == 0 ? hours(1) : hours(-1));
    world.clock.advance(minutes(1));
    spent += spends(world);
  }
  CHECK(spent == 5);
  world.clock.jump_wall(hours(-1));
  world.clock.advance(minutes(1));
  CHECK(spends(world) == 5);
}

TEST_CASE("a wall clock a blink behind at the edge opens no window for that blink") {
  LimitedWorld world(saturday_morning, Period::day);
  CHECK(spends(world) == 5);
  world.clock.jump_wall(microseconds(-3'000));
  world.clock.advance(hours(15));
  CHECK(spends(world) == 5);
  world.clock.advance(microseconds(3'000));
  CHECK(spends(world) == 0);
  CHECK(world.state().resets == parse_rfc3339("2026-11-23T00:00:00Z"));
}

TEST_CASE("between readings of two clocks lie microseconds, which nobody is told of") {
  for (const bool rolling : {false, true}) {
    LimitedWorld world(saturday_morning, Period::day, rolling);
    CHECK(world.spend(usd(5)));
    const auto resets = world.state().resets;
    for (const int apart : {7, -16}) {
      world.clock.jump_wall(microseconds(apart));
      CHECK(world.state().resets == resets);
    }
  }
}

TEST_CASE("however often the wall clock is set, windows come half a day apart and end in time") {
  CHECK(rc::check([] {
    LimitedWorld world(saturday_morning, Period::day, false, "Europe/Berlin");
    RC_ASSERT(world.spend(usd(5)));
    microseconds now{}, last{};
    bool first = true;
    for (int step = 0; step < 300; ++step) {
      if (*rc::gen::inRange(0, 4) == 0)
        world.clock.jump_wall(
            seconds(*rc::gen::element(1, -1, 3'600, -3'600, 50'000, -50'000, 86'400 * 400)));
      const microseconds pause = seconds(*rc::gen::inRange(1, 3'600));
      world.clock.advance(pause);
      now += pause;
      if (!world.spend(usd(5))) {
        RC_ASSERT(now - last <= hours(25 + 13));
        continue;
      }
      RC_ASSERT(first || now - last >= hours(11));  // asked up to an hour late for the one before
      first = false;
      last = now;
    }
  }));
}

TEST_CASE("a rolling hour counts each cent for an hour and at most a minute more") {
  World world;
  limit_key(world, Period::hour, true);
  CHECK(world.spend_all(usd(2)) == 2);
  world.clock.advance(minutes(30));
  CHECK(spends(world) == 1);
  world.clock.advance(minutes(30) - microseconds(1));
  CHECK(spends(world) == 0);
  world.clock.advance(minutes(1));
  CHECK(spends(world) == 4);
  CHECK(spends(world) == 0);
}

TEST_CASE("a rolling window says when there is room again") {
  LimitedWorld world(saturday_morning, Period::day, true);
  CHECK(world.spend(usd(5)));
  world.clock.advance(days(1));
  world.clock.advance(days(1));
  world.clock.jump_wall(-days(2));
  CHECK(world.spend(usd(4)));
  world.clock.advance(hours(3));
  CHECK(world.spend(usd(1)));
  const auto denied = world.ask(bill_of(usd(2)));
  REQUIRE(!denied);
  CHECK(denied.error().refusal.message.find("2026-11-22T09:01:00Z") != std::string::npos);
  CHECK(world.state().resets == parse_rfc3339("2026-11-22T12:01:00Z"));
}

TEST_CASE("no true window of any length holds more than a rolling limit") {
  CHECK(rc::check([] {
    World world;
    const Period period = *rc::gen::element(Period::hour, Period::day, Period::week);
    const auto length = rolling_length(period);
    limit_key(world, period, true);
    std::vector<std::pair<microseconds, std::int64_t>> spent;
    microseconds now{};
    const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 1'000), rc::gen::inRange(1, 500)));
    for (const auto& [wait, cost] : steps) {
      const microseconds pause = microseconds(length) * wait / 3'000;
      now += pause;
      world.clock.advance(pause);
      if (world.spend(cents(cost))) spent.emplace_back(now, cost);
      std::int64_t sum = 0;
      for (const auto& [when, amount] : spent) {
        if (when > now - length) sum += amount;
      }
      RC_ASSERT(sum <= 500);
    }
  }));
}

TEST_CASE("a limit set later counts what was spent before it in its window") {
  World world;
  begin_at(world, saturday_morning);
  for (int hour = 0; hour < 10; ++hour) {
    CHECK(world.spend(usd(1)));
    world.clock.advance(hours(1));
  }
  const auto spent = [&](Period period, bool rolling, const char* timezone = "") {
    world.key().limits.spend = limit_of(usd(100), period, rolling, timezone);
    world.configure();
    return world.state().spent;
  };
  // 19:00 now; a dollar at 09:00, 10:00 .. 18:00.
  CHECK(spent(Period::hour, false) == usd(0));
  CHECK(spent(Period::hour, true) == usd(1));
  CHECK(spent(Period::day, false) == usd(10));
  CHECK(spent(Period::day, false, "Asia/Tokyo") == usd(4));
  CHECK(spent(Period::total, false) == usd(10));
  world.clock.advance(hours(12));
  CHECK(spent(Period::day, false) == usd(0));
  CHECK(spent(Period::day, true) == usd(10));
  CHECK(spent(Period::month, false) == usd(10));
  world.clock.advance(days(10));
  CHECK(spent(Period::month, false) == usd(0));
  CHECK(spent(Period::month, true) == usd(10));
}

TEST_CASE("another amount for the same window keeps what was spent in it") {
  World world;
  limit_key(world, Period::day);
  CHECK(spends(world) == 5);
  world.key().limits.spend->amount = usd(7);
  world.configure();
  CHECK(spends(world) == 2);
  world.key().limits.spend->amount = usd(3);
  world.configure();
  CHECK(spends(world) == 0);
  CHECK(world.state().spent == usd(7));
}

std::int64_t minute_of_day(const char* day_start, int minute) {
  return minute_of(*parse_rfc3339(day_start)) + minute;
}

TEST_CASE("after a restart a window knows what it was spent to the minute") {
  LimitedWorld world(saturday_morning, Period::day);
  const auto restored = [&](int minute) {
    world.restart();
    world.admission->restore({{"key:k1", minute_of_day("2026-11-21T00:00:00Z", minute), usd(2)}},
                             {{"key:k1", usd(50)}});
    return world.state().spent;
  };
  CHECK(restored(0) == usd(2));
  CHECK(restored(-1) == usd(0));
  CHECK(restored(9 * 60) == usd(2));
  CHECK(world.state().settled == usd(50));
  CHECK(spends(world) == 3);
}

TEST_CASE("after a restart minutes of the future count as now") {
  World world;
  begin_at(world, saturday_morning);
  for (const bool rolling : {false, true}) {
    limit_key(world, Period::day, rolling);
    world.restart();
    world.admission->restore({{"key:k1", minute_of_day("2027-12-31T00:00:00Z", 0), usd(4)}}, {});
    CHECK(spends(world) == 1);
    world.clock.advance(hours(25));
    CHECK(spends(world) == 5);
  }
}

TEST_CASE("after a restart rolling windows count by age, the partial minute whole") {
  LimitedWorld world("2026-11-21T09:00:30Z", Period::day, true);
  const auto restored = [&](int minute) {
    world.restart();
    world.admission->restore({{"key:k1", minute_of_day("2026-11-20T09:00:00Z", minute), usd(2)}},
                             {});
    return world.state().spent;
  };
  CHECK(restored(-1) == usd(0));
  CHECK(restored(0) == usd(2));
  CHECK(restored(1) == usd(2));
}

TEST_CASE("a total counts since ever, though its minutes are forgotten") {
  World world;
  limit_key(world, Period::total);
  world.admission->restore({}, {{"key:k1", usd(4)}});
  CHECK(spends(world) == 1);
}

TEST_CASE("a correction counts in the window that its time is in, and in the total") {
  LimitedWorld world(saturday_morning, Period::day);
  CHECK(spends(world) == 5);
  world.admission->correct("key:k1", *parse_rfc3339(saturday_morning), cents(-200));
  CHECK(world.state().spent == usd(3));
  world.admission->correct("key:k1", *parse_rfc3339("2026-11-20T23:59:00Z"), usd(1));
  CHECK(world.state().spent == usd(3));
  CHECK(world.state().settled == usd(4));
  CHECK(spends(world) == 2);
  // What was settled after the time that is put right is found, too; but nobody is given more than
  // was spent.
  world.admission->correct("key:k1", *parse_rfc3339("2026-11-20T12:00:00Z"), usd(-100));
  CHECK(world.state().spent == usd(0));
  CHECK(spends(world) == 5);
}

TEST_CASE(
    "a correction of what the window before spent in the same minute is no gift to this one") {
  World world;
  begin_at(world, saturday_morning);
  world.clock.jump_wall(seconds(30));  // so that the edge is within a minute
  limit_key(world, Period::hour);
  world.clock.advance(minutes(59) + seconds(10));
  CHECK(spends(world) == 5);
  world.clock.advance(seconds(30));
  world.admission->correct("key:k1", world.clock.wall() - seconds(30), usd(-5));
  CHECK(spends(world) == 5);
}

TEST_CASE("the history forgets what no window reaches, and nothing younger") {
  SpendHistory history;
  constexpr std::int64_t month = 32 * 24 * 60;
  for (std::int64_t minute = 0; minute < 3 * month; ++minute) history.add({minute, Money{1}, 0, 0});
  CHECK(history.minutes().size() <= 2 * month + 2);
  CHECK(history.between(2 * month, 3 * month) == Money{month});
  CHECK(history.total() == Money{3 * month});
}

TEST_CASE("of a scope that is rarely used the history knows the last 32 days, too") {
  SpendHistory history;
  constexpr std::int64_t day = 24 * 60;
  for (std::int64_t today = 0; today < 200; ++today) {
    history.add({today * day, Money{1}, 0, 0});
    CHECK(history.between((today - 31) * day, (today + 1) * day) ==
          Money{std::min<std::int64_t>(today + 1, 32)});
  }
}

}  // namespace
}  // namespace routerone::admission::test
