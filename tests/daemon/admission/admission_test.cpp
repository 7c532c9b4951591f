#include "daemon/admission/admission.h"

#include <doctest/doctest.h>

#include <array>

#include "common/core/text.h"
#include "tests/daemon/admission/fixture.h"

namespace routerone::admission::test {
namespace {

bool says(const Refusal& refusal, const std::string& words) {
  CAPTURE(refusal.message);
  CAPTURE(words);
  const bool found = refusal.message.find(words) != std::string::npos;
  CHECK(found);
  return found;
}

TEST_CASE("without a limit anything goes, and is counted") {
  World world;
  CHECK(!world.admission->limits_spend(world.key()));
  CHECK(world.spend(usd(1'000)));
  for (const char* scope : {"key:k1", "project:default", "wallet"}) {
    CHECK(world.state(scope).settled == usd(1'000));
    CHECK(world.state(scope).reserved == usd(0));
    CHECK(!world.state(scope).limit);
  }
}

TEST_CASE("a limit on any of key, project and wallet calls for a bill") {
  for (const int where : {0, 1, 2}) {
    World world;
    std::array<Limits*, 3> limits = {&world.key().limits, &world.project(),
                                     &world.data.wallet.limits};
    limits[static_cast<std::size_t>(where)]->spend = limit_of(usd(1));
    world.configure();
    CHECK(world.admission->limits_spend(world.key()));
    CHECK(world.spend(usd(1)));
    CHECK(!world.spend(Money{1}));
  }
}

TEST_CASE("what one scope refuses is held in none") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.project().spend = limit_of(usd(10));
  world.data.wallet.limits.spend = limit_of(usd(3));
  world.configure();
  CHECK(!world.ask(bill_of(usd(4))));
  for (const char* scope : {"key:k1", "project:default", "wallet"})
    CHECK(world.state(scope).reserved == usd(0));
}

TEST_CASE("money is held until it is settled, then only what it cost is gone") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.configure();
  auto pass = world.ask(bill_of(usd(8)));
  REQUIRE(pass);
  CHECK(pass->reserved() == usd(8));
  CHECK(world.state().reserved == usd(8));
  CHECK(!world.spend(usd(3)));
  CHECK(!pass->settle(usd(1), 0));
  CHECK(!pass->settle(usd(1), 0));
  CHECK(world.state().spent == usd(1));
  CHECK(world.state().reserved == usd(0));
  CHECK(world.spend(usd(9)));
}

TEST_CASE("a pass that goes unsettled gives all of it back, wherever it was moved to") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.key().limits.requests_per_minute = 1;
  world.configure();
  {
    auto pass = world.ask(bill_of(usd(8)));
    REQUIRE(pass);
    Pass elsewhere = *std::move(pass);
    Pass again;
    again = std::move(elsewhere);
    CHECK(world.state().reserved == usd(8));
    CHECK(world.state().running == 1);
  }
  CHECK(world.state().reserved == usd(0));
  CHECK(world.state().running == 0);
  CHECK(world.state().settled == usd(0));
  CHECK(world.admission->rates(world.key()).requests->remaining == 1);
}

TEST_CASE("who is blocked by others alone may ask again, in words that alarm no relay") {
  World world;
  world.key().name = "credit-quota-balance";
  world.key().limits.spend = limit_of(usd(10));
  world.configure();
  auto pass = world.ask(bill_of(usd(8)));
  const auto denied = world.ask(bill_of(usd(3)));
  REQUIRE(!denied);
  CHECK(denied.error().may_pass_soon);
  const Refusal& refusal = denied.error().refusal;
  CHECK(refusal.kind == RefusalKind::rate_limited);
  CHECK(refusal.retry_after == seconds(1));
  for (const char* alarm : {"credit", "balance", "quota"})
    CHECK(refusal.message.find(alarm) == std::string::npos);
  pass->settle({}, 0);
  CHECK(world.ask(bill_of(usd(3))));
}

TEST_CASE("a used-up limit is told with its numbers and the way out") {
  World world;
  world.clock.set_wall(*parse_rfc3339("2026-11-21T09:00:00Z"));
  world.restart();
  world.key().limits.spend = limit_of(usd(10), Period::day);
  world.configure();
  CHECK(world.spend(usd(9)));
  const auto denied = world.ask(bill_of(usd(2)));
  REQUIRE(!denied);
  CHECK(!denied.error().may_pass_soon);
  const Refusal& refusal = denied.error().refusal;
  CHECK(refusal.kind == RefusalKind::limit_reached);
  says(refusal, "9.000000 USD");
  says(refusal, "the limit of 10.000000 USD a day of key:laptop");
  says(refusal, "could cost 2.000000 USD");
  says(refusal, "it resets at 2026-11-22T00:00:00Z");
  says(refusal, "routerone budgets set key:laptop USD");
}

TEST_CASE("what no empty window could hold is a bad request") {
  World world;
  world.key().limits.spend = limit_of(usd(10), Period::day);
  world.configure();
  const auto denied = world.ask(bill_of(usd(11)));
  CHECK(denied.error().refusal.kind == RefusalKind::bad_request);
  says(denied.error().refusal, "the limit of 10.000000 USD a day of key:laptop");
}

TEST_CASE("the scope in the way is the one named") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.project().spend = limit_of(usd(5));
  world.configure();
  CHECK(world.spend(usd(5)));
  const auto denied = world.ask(bill_of(usd(1)));
  says(denied.error().refusal, "project:default");
}

Bill clampable(std::int64_t cap) {
  Bill bill;
  bill.output_rate = 100'000'000;  // 100 USD a million
  bill.cap = cap;
  return bill;
}

TEST_CASE(
    "a cap is lowered to what the tightest scope affords, unless key or project refuse that") {
  World world;
  world.key().limits.spend = limit_of(usd(100));
  world.project().spend = limit_of(usd(8));
  world.configure();
  const auto grant = [&]() -> std::optional<std::int64_t> {
    auto pass = world.enter();
    const auto granted = world.admission->reserve(*pass, world.key(), clampable(128'000));
    if (!granted) return std::nullopt;
    CHECK(granted->clamped == (granted->cap < 128'000));
    CHECK(pass->reserved() == Money{granted->cap * 100'000'000});
    return granted->cap;
  };
  CHECK(grant() == 20'000);
  world.project().refuse_to_clamp = true;
  world.configure();
  CHECK(!grant());
  world.project().refuse_to_clamp = false;
  world.key().limits.refuse_to_clamp = true;
  world.configure();
  CHECK(!grant());
}

TEST_CASE("another attempt is covered beside what the first may cost, or there is none") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.configure();
  auto pass = world.ask(bill_of(usd(4)));
  REQUIRE(pass);
  CHECK(pass->cover(usd(4), usd(6)));
  CHECK(pass->reserved() == usd(10));
  CHECK(!pass->cover(usd(5), usd(6)));
  CHECK(pass->reserved() == usd(10));
  CHECK(pass->cover(usd(0), usd(1)));
  CHECK(world.state().reserved == usd(10));
  CHECK(!pass->settle(usd(9), 0));
  CHECK(world.state().reserved == usd(0));
}

TEST_CASE("a second bill takes the place of the first") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.configure();
  auto pass = world.ask(bill_of(usd(8)));
  CHECK(world.admission->reserve(*pass, world.key(), bill_of(usd(9))));
  CHECK(world.state().reserved == usd(9));
}

TEST_CASE("a provider that charges more than was held stops the scope it takes beyond its limit") {
  World world;
  world.key().limits.spend = limit_of(usd(10), Period::day);
  world.project().spend = limit_of(usd(100));
  world.configure();
  auto pass = world.ask(bill_of(usd(5)));
  CHECK(pass->settle(usd(12), 0));
  CHECK(world.state().spent == usd(12));
  CHECK(world.state().stopped);
  CHECK(!world.state("project:default").stopped);
  const auto denied = world.ask(bill_of(usd(0)));
  CHECK(denied.error().refusal.kind == RefusalKind::limit_reached);
  says(denied.error().refusal, "a provider charged more than was reserved");
  SUBCASE("until its window is over") {
    world.clock.advance(days(1));
    CHECK(world.spend(usd(10)));
    CHECK(!world.state().stopped);
    world.key().limits.spend->amount = usd(5);
    world.configure();
    CHECK(!world.state().stopped);  // it is the limit that was lowered
  }
  SUBCASE("until the limit is raised") {
    world.key().limits.spend->amount = usd(15);
    world.configure();
    CHECK(!world.state().stopped);
    CHECK(world.spend(usd(3)));
  }
}

TEST_CASE("a provider that charges more but within the limit stops nobody") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.configure();
  auto pass = world.ask(bill_of(usd(1)));
  CHECK(pass->settle(usd(2), 0));
  CHECK(!world.state().stopped);
  CHECK(world.spend(usd(8)));
  world.key().limits.spend->amount = usd(5);
  world.configure();
  CHECK(!world.state().stopped);
}

TEST_CASE("a cost below nothing is nothing, and an absurd one ends no sum in a credit") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.configure();
  auto pass = world.ask(bill_of(usd(1)));
  CHECK(!pass->settle(usd(-5), -5));
  CHECK(world.state().spent == usd(0));
  CHECK(world.state().settled == usd(0));
  for (int i = 0; i < 3; ++i) {
    auto absurd = world.enter();
    absurd->settle({std::numeric_limits<std::int64_t>::max()},
                   std::numeric_limits<std::int64_t>::max());
  }
  CHECK(world.state().settled.picousd == std::numeric_limits<std::int64_t>::max());
  CHECK(!world.spend(usd(1)));
}

TEST_CASE("what was never billed is not more than was held") {
  World world;
  auto pass = world.enter();
  CHECK(!pass->settle(usd(5), 0));
}

TEST_CASE("a prepaid wallet lets through what was paid in and not yet spent") {
  World world;
  CHECK(world.spend(usd(7)));
  world.data.wallet.settled_before = usd(7);
  world.data.wallet.topups.emplace_back().amount = usd(3);
  world.configure();
  CHECK(world.admission->limits_spend(world.key()));
  CHECK(world.state("wallet").balance == usd(3));
  CHECK(world.spend(usd(2)));
  const auto denied = world.ask(bill_of(usd(2)));
  CHECK(denied.error().refusal.kind == RefusalKind::limit_reached);
  says(denied.error().refusal, "routerone budgets topup");
  world.data.wallet.topups.emplace_back().amount = usd(1);
  world.configure();
  CHECK(world.spend(usd(2)));
  CHECK(world.state("wallet").balance == usd(0));
}

TEST_CASE("a bill beyond all that was paid in asks for more money, not for another request") {
  World world;
  world.data.wallet.topups.emplace_back().amount = usd(3);
  world.configure();
  CHECK(world.ask(bill_of(usd(5))).error().refusal.kind == RefusalKind::limit_reached);
}

TEST_CASE("a dry run lets everything through, counts it and says what it would have refused") {
  World world;
  world.key().limits.spend = limit_of(usd(1));
  world.key().limits.requests_per_minute = 2;
  world.key().limits.dry_run = true;
  world.configure();
  CHECK(world.spend(usd(1)));
  world.warnings.clear();
  CHECK(world.spend(usd(1)));
  REQUIRE(world.warnings.size() == 1);
  CHECK(world.warnings.front().find("key:laptop: would have been refused") != std::string::npos);
  CHECK(world.spend(usd(1)));
  CHECK(world.warnings.size() == 3);  // its rate, and its money
  CHECK(world.state().spent == usd(3));
}

TEST_CASE("a dry run of a key is none of the project above it") {
  World world;
  world.key().limits.spend = limit_of(usd(1));
  world.key().limits.dry_run = true;
  world.project().spend = limit_of(usd(2));
  world.configure();
  CHECK(world.spend_all(usd(1)) == 2);
}

TEST_CASE("a warning comes once a window and scope") {
  World world;
  world.key().limits.spend = limit_of(usd(10), Period::day);
  world.project().spend = limit_of(usd(10), Period::day);
  world.project().spend->warn_percent = 50;
  world.configure();
  const auto warned_after = [&](int spends) {
    world.warnings.clear();
    for (int i = 0; i < spends; ++i) CHECK(world.spend(usd(1)));
    return world.warnings;
  };
  CHECK(warned_after(4).empty());
  CHECK(warned_after(1) == std::vector<std::string>{"project:default has spent 5.000000 USD of the "
                                                    "limit of 10.000000 USD a day of "
                                                    "project:default"});
  CHECK(warned_after(2).empty());
  CHECK(warned_after(1).size() == 1);
  CHECK(warned_after(2).empty());
  world.clock.advance(days(1));
  CHECK(warned_after(10).size() == 2);
}

TEST_CASE("a revoked key's requests end as they would have") {
  World world;
  world.key().limits.spend = limit_of(usd(10));
  world.configure();
  auto pass = world.ask(bill_of(usd(4)));
  REQUIRE(pass);
  world.key().revoked = world.clock.wall();
  world.configure();
  world.configure();
  CHECK(world.state("project:default").reserved == usd(4));
  CHECK(!pass->settle(usd(3), 0));
  CHECK(world.state("project:default").settled == usd(3));
  CHECK(world.state("wallet").settled == usd(3));
  CHECK(world.state("key:k1").settled == usd(3));
  world.configure();
  CHECK(world.state("key:k1").settled == usd(0));
}

TEST_CASE("a key that moves settles what it has under way where it began") {
  World world;
  world.configure();
  auto pass = world.ask(bill_of(usd(4)));
  world.data.projects.emplace_back().name = "other";
  world.key().project = "other";
  world.configure();
  pass->settle(usd(1), 0);
  CHECK(world.spend(usd(2)));
  CHECK(world.state("project:default").settled == usd(1));
  CHECK(world.state("project:other").settled == usd(2));
  CHECK(world.state("project:default").reserved == usd(0));
}

TEST_CASE("a project that is removed and comes again has spent what it spent") {
  World world;
  world.project().spend = limit_of(usd(5));
  world.configure();
  CHECK(world.spend(usd(4)));
  const auto kept = world.data.projects;
  world.data.projects.clear();
  world.configure();
  CHECK(world.spend(usd(4)));
  world.data.projects = kept;
  world.configure();
  CHECK(world.state("project:default").spent == usd(8));
}

TEST_CASE("a key that nobody configured yet is held to what its record says") {
  World world;
  KeyRecord fresh;
  fresh.id = "k2";
  fresh.name = "fresh";
  fresh.limits.spend = limit_of(usd(2));
  CHECK(world.admission->limits_spend(fresh));
  auto pass = world.admission->enter(fresh, 0);
  REQUIRE(pass);
  CHECK(!world.admission->reserve(*pass, fresh, bill_of(usd(3))));
  CHECK(world.admission->reserve(*pass, fresh, bill_of(usd(2))));
}

TEST_CASE("states are those of the wallet, then of projects, then of keys") {
  World world;
  world.data.keys.emplace_back().id = "k0";
  world.configure();
  std::vector<std::string> names;
  for (const ScopeState& state : world.admission->states()) names.push_back(state.scope);
  CHECK(names == std::vector<std::string>{"wallet", "project:default", "key:k0", "key:k1"});
}

TEST_CASE("a limit in a zone nobody knows goes by UTC and says so") {
  World world;
  world.clock.set_wall(*parse_rfc3339("2026-11-21T09:00:00Z"));
  world.key().limits.spend = limit_of(usd(1), Period::day, false, "Mars/Olympus");
  world.restart();
  REQUIRE(world.warnings.size() == 1);
  CHECK(world.warnings.front().find("Mars/Olympus") != std::string::npos);
  CHECK(world.state().resets == parse_rfc3339("2026-11-22T00:00:00Z"));
}

}  // namespace
}  // namespace routerone::admission::test
