#include "daemon/admission/rate.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/daemon/admission/fixture.h"

namespace routerone::admission::test {
namespace {

bool enters(World& world, std::int64_t tokens = 0) {
  auto pass = world.enter(tokens);
  if (pass) pass->settle({}, tokens);
  return pass.has_value();
}

/// Goes forward in time until that many have entered.
void enters_at(World& world, std::int64_t tokens = 0) { REQUIRE(enters(world, tokens)); }

TEST_CASE("the request after the last of a minute is refused, and told when to come") {
  World world;
  world.key().limits.requests_per_minute = 3;
  world.configure();
  for (int i = 0; i < 3; ++i) {
    enters_at(world);
    world.clock.advance(seconds(10));
  }
  const auto denied = world.enter();
  REQUIRE(!denied);
  CHECK(denied.error().refusal.kind == RefusalKind::rate_limited);
  CHECK(!denied.error().may_pass_soon);
  CHECK(denied.error().refusal.retry_after == seconds(30));
  world.clock.advance(seconds(30) - microseconds(1));
  CHECK(!enters(world));
  world.clock.advance(microseconds(1));
  CHECK(enters(world));
  CHECK(!enters(world));
}

TEST_CASE("of several rates the one that keeps out longest is told") {
  World world;
  world.key().limits.requests_per_minute = 1;
  world.key().limits.requests_per_day = 1;
  world.configure();
  world.project().requests_per_minute = 1;
  world.configure();
  enters_at(world);
  CHECK(world.enter().error().refusal.retry_after == hours(24));
}

TEST_CASE("who comes again when told is let in, in words that alarm no relay") {
  World world;
  world.key().name = "credit-quota-balance";
  world.key().limits.requests_per_minute = 1;
  world.configure();
  enters_at(world);
  world.clock.advance(microseconds(10'500'000));
  const Refusal refusal = world.enter().error().refusal;
  CHECK(refusal.retry_after == seconds(50));
  for (const char* alarm : {"credit", "balance", "quota"})
    CHECK(refusal.message.find(alarm) == std::string::npos);
}

TEST_CASE("an absurd count of tokens keeps out for a minute, and so does the next one") {
  World world;
  world.key().limits.tokens_per_minute = 1'000;
  world.configure();
  auto one = world.enter();
  world.clock.advance(seconds(30));
  auto two = world.enter();
  REQUIRE(two);
  one->settle({}, std::numeric_limits<std::int64_t>::max());
  two->settle({}, std::numeric_limits<std::int64_t>::max());
  world.clock.advance(seconds(30));
  CHECK(!enters(world, 1));
  world.clock.advance(seconds(30));
  CHECK(enters(world, 1));
}

TEST_CASE("what is refused for its project leaves no mark on its key, and the other way round") {
  World world;
  world.key().limits.requests_per_minute = 2;
  world.project().requests_per_day = 1;
  world.configure();
  enters_at(world);
  for (int i = 0; i < 5; ++i) CHECK(!enters(world));
  world.project().requests_per_day = 10;
  world.configure();
  CHECK(enters(world));
  CHECK(!enters(world));
}

TEST_CASE("a request that the budget refuses gives its marks back") {
  World world;
  world.key().limits.requests_per_minute = 1;
  world.key().limits.tokens_per_minute = 100;
  world.key().limits.spend = limit_of(usd(1));
  world.configure();
  for (int i = 0; i < 5; ++i) {
    auto pass = world.enter(100);
    REQUIRE(pass);
    CHECK(!world.admission->reserve(*pass, world.key(), bill_of(usd(2))));
  }
  const RateState rates = world.admission->rates(world.key());
  CHECK(rates.requests->remaining == 1);
  CHECK(rates.requests->until_whole == Millis(0));
  CHECK(rates.tokens->remaining == 100);
}

TEST_CASE("tokens count as guessed until it is known how many they were") {
  World world;
  world.key().limits.tokens_per_minute = 1'000;
  world.configure();
  auto pass = world.enter(800);
  REQUIRE(pass);
  CHECK(!world.enter(300));
  world.clock.advance(seconds(20));
  pass->settle({}, 500);
  CHECK(world.admission->rates(world.key()).tokens->remaining == 500);
  auto second = world.enter(500);
  REQUIRE(second);
  second->settle({}, 5'000);
  const auto denied = world.enter(1'000);
  CHECK(denied.error().refusal.retry_after == seconds(60));
  world.clock.advance(seconds(60));
  CHECK(world.enter(1'000));
}

TEST_CASE("a request of more tokens than a minute may have is a bad one") {
  World world;
  world.key().limits.tokens_per_minute = 1'000;
  world.configure();
  const auto denied = world.enter(1'001);
  REQUIRE(!denied);
  CHECK(denied.error().refusal.kind == RefusalKind::bad_request);
  CHECK(denied.error().refusal.message.find("1000 tokens") != std::string::npos);
  CHECK(!denied.error().refusal.retry_after);
}

TEST_CASE("as many as allowed run at once, until one is settled or goes") {
  World world;
  world.key().limits.concurrency = 2;
  world.configure();
  auto one = world.enter(), two = world.enter();
  REQUIRE(one);
  REQUIRE(two);
  const auto denied = world.enter();
  CHECK(denied.error().refusal.kind == RefusalKind::rate_limited);
  CHECK(denied.error().refusal.retry_after == seconds(1));
  CHECK(world.state().running == 2);
  one->settle({}, 0);
  auto three = world.enter();
  CHECK(three);
  CHECK(!world.enter());
  *three = Pass();
  CHECK(world.enter());
}

TEST_CASE("rates are told from the counters that decide") {
  World world;
  CHECK(!world.admission->rates(world.key()).any());
  world.key().limits.requests_per_minute = 10;
  world.key().limits.requests_per_day = 5;
  world.configure();
  enters_at(world);
  world.clock.advance(seconds(10));
  enters_at(world);
  const auto tightest = *world.admission->rates(world.key()).requests;
  CHECK(tightest.limit == 5);
  CHECK(tightest.remaining == 3);
  CHECK(tightest.until_whole == hours(24));
}

TEST_CASE("a restart forgets no request of the day") {
  World world;
  world.key().limits.requests_per_day = 10;
  world.key().limits.tokens_per_minute = 100;
  world.restart();
  const std::int64_t minute =
      std::chrono::floor<minutes>(world.clock.wall()).time_since_epoch().count();
  world.admission->restore({{"key:k1", minute - 24 * 60 - 1, {}, 5, 100},
                            {"key:k1", minute - 60, {}, 4, 100},
                            {"key:k1", minute, {}, 3, 90}},
                           {});
  CHECK(world.admission->rates(world.key()).requests->remaining == 3);
  CHECK(world.admission->rates(world.key()).tokens->remaining == 10);
  CHECK(world.admission->rates(world.key()).tokens->until_whole == seconds(60));
}

TEST_CASE("no more is given back than was taken, and nothing that is no longer counted") {
  SlidingRate rate(10, seconds(60));
  const WallTime start{};
  rate.take(start, 3);
  rate.correct(start, start, -5);
  CHECK(rate.state(start).remaining == 10);
  rate.take(start, 3);
  rate.correct(start + seconds(60), start, 4);
  CHECK(rate.state(start + seconds(60)).remaining == 10);
}

/// As slow and as plain as can be.
struct PlainRate {
  std::int64_t limit;
  microseconds window;
  std::vector<std::pair<microseconds, std::int64_t>> taken;

  std::int64_t counted(microseconds now) const {
    std::int64_t sum = 0;
    for (const auto& [at, amount] : taken) sum += at + window > now ? amount : 0;
    return sum;
  }
  bool fits(microseconds now, std::int64_t amount) const { return counted(now) + amount <= limit; }
};

TEST_CASE("a rate lets through exactly what fits its window, whatever comes when") {
  CHECK(rc::check([] {
    const auto limit = *rc::gen::inRange<std::int64_t>(1, 20);
    SlidingRate rate(limit, seconds(60));
    PlainRate plain{limit, seconds(60), {}};
    microseconds now{};
    const auto count = *rc::gen::inRange(0, 120);
    for (int i = 0; i < count; ++i) {
      now += *rc::gen::element<microseconds>(microseconds(0), microseconds(1), seconds(1),
                                             seconds(7), seconds(30), seconds(60));
      const auto amount = *rc::gen::inRange<std::int64_t>(1, limit + 1);
      const WallTime at(now);
      const auto wait = rate.wait(at, amount);
      RC_ASSERT((wait.count() == 0) == plain.fits(now, amount));
      RC_ASSERT(plain.fits(now + wait, amount));
      if (wait.count() > 0) RC_ASSERT(!plain.fits(now + wait - microseconds(1), amount));
      RC_ASSERT(rate.state(at).remaining == std::max<std::int64_t>(0, limit - plain.counted(now)));
      if (wait.count() == 0 && *rc::gen::arbitrary<bool>()) {
        rate.take(at, amount);
        plain.taken.emplace_back(now, amount);
      }
      if (!plain.taken.empty() && *rc::gen::inRange(0, 4) == 0) {  // known better
        auto& entry = plain.taken[*rc::gen::inRange<std::size_t>(0, plain.taken.size())];
        const auto by = *rc::gen::inRange<std::int64_t>(-entry.second, 10);
        rate.correct(at, WallTime(entry.first), by);
        entry.second += by;
      }
    }
  }));
}

}  // namespace
}  // namespace routerone::admission::test
