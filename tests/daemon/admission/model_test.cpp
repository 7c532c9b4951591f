// Any history of requests, clock moves and changed limits against a model of limits and ledger that
// is written as plainly as can be: every event since the beginning, summed anew for each question.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>

#include "tests/daemon/admission/fixture.h"

namespace routerone::admission::test {
namespace {

/// Two that have nothing to do with each other, and runs inside the first, three deep.
constexpr std::array ids = {"k1", "k2", "k1.a", "k1.b", "k1.a.c"};
constexpr std::array scopes = {"key:k1",     "key:k2",          "key:k1.a", "key:k1.b",
                               "key:k1.a.c", "project:default", "wallet"};

/// What each key counts in.
std::vector<std::string> chain_of(std::size_t key) {
  static const std::array<std::vector<std::string>, ids.size()> keys = {{
      {"key:k1"},
      {"key:k2"},
      {"key:k1.a", "key:k1"},
      {"key:k1.b", "key:k1"},
      {"key:k1.a.c", "key:k1.a", "key:k1"},
  }};
  std::vector<std::string> chain = keys.at(key);
  chain.insert(chain.end(), {"project:default", "wallet"});
  return chain;
}

/// Windows of UTC days, or of all time: what happens to the wall clock is tested elsewhere.
struct Model {
  struct Event {
    microseconds at;
    Money amount;
  };
  std::map<std::string, std::vector<Event>> settled;
  std::map<std::string, Money> reserved;
  std::map<std::string, SpendLimit> limits;
  microseconds now{};

  Money spent(const std::string& scope, Period period) const {
    Money sum;
    const auto found = settled.find(scope);
    if (found == settled.end()) return sum;
    for (const Event& event : found->second) {
      const bool counts = period == Period::total ||
                          std::chrono::floor<days>(event.at) == std::chrono::floor<days>(now);
      if (counts) sum += event.amount;
    }
    return sum;
  }
  Money total(const std::string& scope) const { return spent(scope, Period::total); }
  Money free(const std::string& scope) const {
    const SpendLimit& limit = limits.at(scope);
    const auto held = reserved.find(scope);
    return limit.amount - spent(scope, limit.period) -
           (held == reserved.end() ? Money{} : held->second);
  }
};

struct Play {
  World world;
  Model model;
  struct Running {
    std::size_t key;
    Pass pass;
  };
  std::vector<Running> running;

  Play() {
    world.clock.set_wall(WallTime(days(20'000)));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i > 0) world.data.keys.emplace_back();
      world.data.keys[i].id = ids.at(i);
      if (i != 1) world.data.keys[i].run.emplace();
    }
    world.restart();
    set_limits();
    model.now = days(20'000);
  }

  void set_limits() {
    std::vector<Limits*> limits;
    for (KeyRecord& key : world.data.keys) limits.push_back(&key.limits);
    limits.insert(limits.end(), {&world.project(), &world.data.wallet.limits});
    for (std::size_t i = 0; i < limits.size(); ++i) {
      const Period period = *rc::gen::element(Period::total, Period::day);
      limits[i]->spend = limit_of(Money{*rc::gen::inRange<std::int64_t>(0, 3'000)}, period);
      model.limits[scopes.at(i)] = *limits[i]->spend;
    }
    world.configure();
  }

  void ask() {
    const auto key = *rc::gen::inRange<std::size_t>(0, ids.size());
    const KeyRecord& record = world.data.keys[key];
    Bill bill;
    bill.input = Money{*rc::gen::inRange<std::int64_t>(0, 300)};
    bill.output_rate = *rc::gen::inRange<std::int64_t>(0, 3);
    bill.cap = *rc::gen::inRange<std::int64_t>(0, 400);
    bill.least_cap = *rc::gen::inRange<std::int64_t>(0, 50);
    bill.clampable = *rc::gen::arbitrary<bool>();
    auto pass = world.admission->enter(record, 0);
    RC_ASSERT(pass.has_value());
    const auto grant = world.admission->reserve(*pass, record, bill);

    const std::int64_t least = bill.clampable ? std::min(bill.least_cap, bill.cap) : bill.cap;
    const Money least_money{bill.input.picousd + bill.output_rate * least};
    bool never = false, used_up = false;
    Money free{std::numeric_limits<std::int64_t>::max()};
    for (const std::string& scope : chain_of(key)) {
      const SpendLimit& limit = model.limits[scope];
      never = never || least_money > limit.amount;
      used_up = used_up || least_money > limit.amount - model.spent(scope, limit.period);
      free = std::min(free, model.free(scope));
    }
    if (never || used_up) {
      RC_ASSERT(!grant);
      RC_ASSERT(!grant.error().may_pass_soon);
      RC_ASSERT(grant.error().refusal.kind ==
                (never ? RefusalKind::bad_request : RefusalKind::limit_reached));
      return;
    }
    if (!grant) {  // then others must be in the way of it, or of what it would be given alone
      RC_ASSERT(grant.error().may_pass_soon);
      RC_ASSERT(grant.error().refusal.kind == RefusalKind::rate_limited);
      RC_ASSERT(Money(bill.input.picousd + bill.output_rate * bill.cap) > free);
      return;
    }
    const Money worst{bill.input.picousd + bill.output_rate * grant->cap};
    RC_ASSERT(worst <= free);
    RC_ASSERT(grant->clamped == (grant->cap < bill.cap));
    hold(key, worst);
    running.push_back({key, *std::move(pass)});
  }

  void hold(std::size_t key, Money more) {
    for (const std::string& scope : chain_of(key)) model.reserved[scope] += more;
  }

  void cover(Running& request) {
    const Money before = request.pass.reserved();
    const Money owed{*rc::gen::inRange<std::int64_t>(0, 300)};
    const Money next{*rc::gen::inRange<std::int64_t>(0, 300)};
    const Money more = std::max(owed + next - before, Money{});
    bool fits = true;
    for (const std::string& scope : chain_of(request.key))
      fits = fits && (more == Money{} || more <= model.free(scope));
    RC_ASSERT(request.pass.cover(owed, next) == fits);
    RC_ASSERT(request.pass.reserved() == (fits ? before + more : before));
    if (fits) hold(request.key, more);
  }

  void end(std::size_t which, bool settles) {
    Running request = std::move(running[which]);
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
    const Money held = request.pass.reserved();
    hold(request.key, Money{} - held);
    if (!settles) return;
    const Money cost{*rc::gen::inRange<std::int64_t>(0, held.picousd + 1)};
    RC_ASSERT(!request.pass.settle(cost, 1));
    for (const std::string& scope : chain_of(request.key))
      model.settled[scope].push_back({model.now, cost});
  }

  void wait() {
    const microseconds pause = *rc::gen::element<microseconds>(
        microseconds(1), seconds(59), hours(1), hours(7), hours(24), days(40));
    world.clock.advance(pause);
    model.now += pause;
  }

  /// The runs end and are resumed: nothing that they spent or hold is forgotten.
  void end_and_resume() {
    for (const bool over : {true, false}) {
      for (KeyRecord& key : world.data.keys) {
        if (key.run) key.revoked = over ? std::optional(world.clock.wall()) : std::nullopt;
      }
      world.configure();
    }
  }

  void step(bool limits_change) {
    const int what = *rc::gen::inRange(0, 13);
    if (what == 12) return end_and_resume();
    if (what < 5 || running.empty()) return ask();
    const auto which = *rc::gen::inRange<std::size_t>(0, running.size());
    if (what < 7) return cover(running[which]);
    if (what < 10) return end(which, what != 9);
    if (what < 11 || !limits_change) return wait();
    set_limits();
  }

  void check(bool limits_change) {
    for (const std::string scope : scopes) {
      const ScopeState state = world.state(scope);
      const SpendLimit& limit = model.limits[scope];
      RC_ASSERT(state.settled == model.total(scope));
      RC_ASSERT(state.spent == model.spent(scope, limit.period));
      RC_ASSERT(state.reserved == model.reserved[scope]);
      if (!limits_change) RC_ASSERT(state.spent + state.reserved <= limit.amount);
    }
    for (const auto& [inner, outer] : {std::pair("key:k1.a.c", "key:k1.a"), {"key:k1.a", "key:k1"}})
      RC_ASSERT(world.state(inner).settled <= world.state(outer).settled);
  }
};

void play(bool limits_change) {
  Play game;
  const int steps = *rc::gen::inRange(0, 120);
  for (int i = 0; i < steps; ++i) {
    game.step(limits_change);
    game.check(limits_change);
  }
  while (!game.running.empty()) game.end(0, true);
  game.check(limits_change);
}

TEST_CASE("whatever comes in what order, what is spent and held stays below each limit") {
  CHECK(rc::check([] { play(false); }));
}

TEST_CASE("limits that change under way lose no cent, and refuse what they should") {
  CHECK(rc::check([] { play(true); }));
}

}  // namespace
}  // namespace routerone::admission::test
