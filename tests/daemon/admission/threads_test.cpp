// Eight threads, three nested scopes, callers that leave and providers that lie.
#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/daemon/admission/fixture.h"

namespace routerone::admission::test {
namespace {

constexpr int key_count = 4;
/// A mean request's cost; limits are 200 of them and more.
constexpr std::int64_t mean = 1'000'000;

ControlData nested_limits() {
  ControlData data;
  for (int i = 0; i < key_count; ++i) {
    KeyRecord& key = data.keys.emplace_back();
    key.id = key.name = "k" + std::to_string(i);
    key.project = i < 2 ? "left" : "right";
    key.limits.spend = limit_of(Money{400 * mean});
    key.limits.tokens_per_minute = 1'000'000'000;
    key.limits.requests_per_day = 1'000'000;
  }
  for (const char* name : {"left", "right"}) {
    ProjectRecord& project = data.projects.emplace_back();
    project.name = name;
    project.limits.spend = limit_of(Money{600 * mean});
  }
  data.wallet.limits.spend = limit_of(Money{1'000 * mean});
  return data;
}

/// One caller: asks for far more than it uses, sometimes leaves, sometimes needs a second attempt.
struct Caller {
  Admission& admission;
  const ControlData& data;
  bool lies;
  std::mt19937 dice;
  Money lied{};  ///< Beyond what was held.
  int false_refusals = 0;

  std::int64_t roll(std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(dice);
  }

  Bill bill() {
    Bill out;
    out.input = Money{mean};  // the bound; a third of it is used
    out.output_rate = 400;
    out.cap = 128'000;
    out.least_cap = 100;
    return out;
  }

  /// False: the limits are used up.
  bool ask() {
    const KeyRecord& key = data.keys[static_cast<std::size_t>(roll(key_count - 1))];
    auto pass = admission.enter(key, 2'000);
    if (!pass) return ++false_refusals, true;
    const auto grant = admission.reserve(*pass, key, bill());
    if (!grant) {
      const Denial& denial = grant.error();
      if (denial.refusal.kind == RefusalKind::limit_reached) return false;
      if (!denial.may_pass_soon) ++false_refusals;
      std::this_thread::yield();
      return true;
    }
    if (roll(9) == 0) return true;  // the caller is gone
    if (roll(9) == 0) pass->cover(Money{mean / 3}, Money{mean / 2});
    if (roll(3) == 0) std::this_thread::yield();
    const Money held = pass->reserved();
    Money cost{mean / 3 + roll(400 * 3'000)};
    if (lies && roll(200) == 0) cost = held + Money{roll(3 * mean)};
    cost = lies ? cost : std::min(cost, held);
    if (cost > held) lied += cost - held;
    CHECK(pass->settle(cost, roll(3'000)) == (cost > held));
    return true;
  }
};

/// Runs until every thread was told that all is used up, while one watches. What lies went beyond.
Money run(Admission& admission, const ControlData& data, bool lies) {
  std::atomic<bool> over = false;
  std::atomic<std::int64_t> lied = 0, falsely = 0, breaches = 0;
  std::thread watch([&] {
    while (!over) {
      for (const ScopeState& state : admission.states()) {
        if (!lies && state.spent + state.reserved > state.limit->amount) ++breaches;
      }
      admission.configure(data);
      (void)admission.rates(data.keys.front());
    }
  });
  std::vector<std::thread> callers;
  for (unsigned seed = 0; seed < 8; ++seed)
    callers.emplace_back([&, seed] {
      Caller caller{admission, data, lies, std::mt19937(seed)};
      for (int refused = 0; refused < 200;) refused = caller.ask() ? 0 : refused + 1;
      lied += caller.lied.picousd;
      falsely += caller.false_refusals;
    });
  for (std::thread& caller : callers) caller.join();
  over = true;
  watch.join();
  CHECK(falsely == 0);
  CHECK(breaches == 0);
  return {lied.load()};
}

void check_sums(const Admission& admission) {
  const auto settled = [&](const std::string& scope) { return admission.state(scope).settled; };
  CHECK(settled("key:k0") + settled("key:k1") == settled("project:left"));
  CHECK(settled("key:k2") + settled("key:k3") == settled("project:right"));
  CHECK(settled("project:left") + settled("project:right") == settled("wallet"));
  for (const ScopeState& state : admission.states()) {
    CHECK(state.reserved == Money{});
    CHECK(state.running == 0);
  }
}

TEST_CASE("honest providers and threads by the dozen use a limit up and never break one") {
  const SystemClock clock;
  Admission admission(clock);
  const ControlData data = nested_limits();
  admission.configure(data);
  run(admission, data, false);
  check_sums(admission);
  for (const ScopeState& state : admission.states()) CHECK(state.spent <= state.limit->amount);
  const ScopeState wallet = admission.state("wallet");
  CHECK(wallet.spent.picousd >= wallet.limit->amount.picousd / 100 * 97);
}

TEST_CASE("providers that lie are counted to the picodollar and take no limit further than that") {
  const SystemClock clock;
  Admission admission(clock);
  const ControlData data = nested_limits();
  admission.configure(data);
  const Money lied = run(admission, data, true);
  check_sums(admission);
  for (const ScopeState& state : admission.states())
    CHECK(state.spent <= state.limit->amount + lied);
}

}  // namespace
}  // namespace routerone::admission::test
