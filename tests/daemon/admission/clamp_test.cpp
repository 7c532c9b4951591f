#include "daemon/admission/clamp.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone::admission {
namespace {

/// A cent a thousand tokens and ten cents of input, so that 10,000 tokens are ten cents.
Bill bill(std::int64_t cap, std::int64_t least = 1'000) {
  Bill out;
  out.input = Money{100'000'000'000};
  out.output_rate = 10'000'000;
  out.cap = cap;
  out.least_cap = least;
  return out;
}

Money tokens(std::int64_t n) { return bill(0).input + Money{n * 10'000'000}; }

Room room(Money unspent, Money free) { return {Money{1'000'000'000'000'000}, unspent, free}; }
Room room(Money free) { return room(free, free); }

TEST_CASE("a cap that takes no more than a quarter of what is free stays whole") {
  const auto decision = decide(bill(128'000), true, room(tokens(4 * 128'000)));
  CHECK(decision.verdict == Verdict::grant);
  CHECK(decision.cap == 128'000);
}

TEST_CASE("a cap that takes more is lowered to the quarter, but not below 8,192") {
  CHECK(decide(bill(128'000), true, room(tokens(400'000))).cap == 100'000);
  CHECK(decide(bill(128'000), true, room(tokens(10'000))).cap == 8'192);
  CHECK(decide(bill(4'000), true, room(tokens(5'000))).cap == 4'000);
}

TEST_CASE("what the caller may not do without is not taken") {
  CHECK(decide(bill(128'000, 20'000), true, room(tokens(30'000))).cap == 20'000);
  CHECK(decide(bill(128'000, 20'000), true, room(tokens(19'999))).verdict == Verdict::used_up);
}

TEST_CASE("the last of a limit is given out below 8,192, down to the least that makes sense") {
  const auto decision = decide(bill(128'000), true, room(tokens(1'500)));
  CHECK(decision.verdict == Verdict::grant);
  CHECK(decision.cap == 1'500);
  CHECK(decide(bill(128'000), true, room(tokens(999))).verdict == Verdict::used_up);
}

TEST_CASE("who is blocked by others alone waits, and is not cut short") {
  CHECK(decide(bill(128'000), true, room(tokens(50'000), tokens(1'500))).verdict == Verdict::wait);
  CHECK(decide(bill(128'000), true, room(tokens(5'000), tokens(4'999))).verdict == Verdict::wait);
}

TEST_CASE("where nothing may be lowered it is all or nothing") {
  CHECK(decide(bill(128'000), false, room(tokens(128'000))).cap == 128'000);
  CHECK(decide(bill(128'000), false, room(tokens(127'999))).verdict == Verdict::used_up);
  CHECK(decide(bill(128'000), false, room(tokens(128'000), {})).verdict == Verdict::wait);
}

TEST_CASE("what no empty window could hold is never let in") {
  CHECK(decide(bill(128'000), true, {tokens(999), tokens(999), tokens(999)}).verdict ==
        Verdict::never);
}

TEST_CASE("what costs nothing fits where nothing is left, but not where too much was charged") {
  Bill free;
  free.cap = 128'000;
  CHECK(decide(free, true, {Money{}, Money{}, Money{}}).cap == 128'000);
  CHECK(decide(free, true, room(Money{-1})).verdict == Verdict::used_up);
}

TEST_CASE("absurd prices and caps never wrap round to something cheap") {
  Bill absurd = bill(std::numeric_limits<std::int64_t>::max());
  absurd.clampable = false;
  CHECK(worst_case(absurd, absurd.cap) == most_money);
  CHECK(decide(absurd, false, room(tokens(1'000))).verdict == Verdict::never);
}

TEST_CASE("a grant fits, is between the least and the caller's cap, and none is refused falsely") {
  CHECK(rc::check([] {
    Bill any;
    any.input = Money{*rc::gen::inRange<std::int64_t>(0, 1'000'000)};
    any.output_rate = *rc::gen::inRange<std::int64_t>(0, 50);
    any.cap = *rc::gen::inRange<std::int64_t>(0, 200'000);
    any.least_cap = *rc::gen::inRange<std::int64_t>(0, 10'000);
    const bool may_clamp = *rc::gen::arbitrary<bool>();
    Room some;
    some.whole = Money{*rc::gen::inRange<std::int64_t>(0, 20'000'000)};
    some.unspent = some.whole - Money{*rc::gen::inRange<std::int64_t>(0, 10'000'000)};
    some.free = some.unspent - Money{*rc::gen::inRange<std::int64_t>(0, 10'000'000)};
    const std::int64_t least = may_clamp ? std::min(any.least_cap, any.cap) : any.cap;
    const Money least_money = worst_case(any, least);
    const Decision decision = decide(any, may_clamp, some);
    switch (decision.verdict) {
      case Verdict::grant:
        RC_ASSERT(worst_case(any, decision.cap) <= some.free);
        RC_ASSERT(decision.cap >= least);
        RC_ASSERT(decision.cap <= any.cap);
        break;
      case Verdict::never:
        RC_ASSERT(least_money > some.whole);
        break;
      case Verdict::used_up:
        RC_ASSERT(least_money > some.unspent);
        break;
      case Verdict::wait:  // once the others are gone, it fits
        RC_ASSERT(least_money <= some.unspent);
        RC_ASSERT(some.free < some.unspent);
        RC_ASSERT(decide(any, may_clamp, {some.whole, some.unspent, some.unspent}).verdict ==
                  Verdict::grant);
        break;
    }
  }));
}

}  // namespace
}  // namespace routerone::admission
