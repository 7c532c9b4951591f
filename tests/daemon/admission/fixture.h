#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/admission/admission.h"
#include "tests/support/manual_clock.h"

namespace routerone::admission::test {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Money usd(std::int64_t dollars) { return {dollars * 1'000'000'000'000}; }
constexpr Money cents(std::int64_t n) { return {n * 10'000'000'000}; }

inline SpendLimit limit_of(Money amount, Period period = Period::total, bool rolling = false,
                           std::string timezone = {}) {
  SpendLimit limit;
  limit.amount = amount;
  limit.period = period;
  limit.rolling = rolling;
  limit.timezone = std::move(timezone);
  return limit;
}

/// A bill that cannot be lowered.
inline Bill bill_of(Money whole) {
  Bill bill;
  bill.input = whole;
  bill.clampable = false;
  return bill;
}

/// One key in one project below the wallet, on a clock that tests move.
struct World {
  routerone::test::ManualClock clock;
  std::vector<std::string> warnings;
  ControlData data;
  std::unique_ptr<Admission> admission;

  World() {
    data.keys.emplace_back().id = "k1";
    key().name = "laptop";
    data.projects.emplace_back().name = "default";
    restart();
  }

  KeyRecord& key() { return data.keys.front(); }
  Limits& project() { return data.projects.front().limits; }
  void configure() { admission->configure(data); }
  /// As after a start of the process, with nothing known.
  void restart() {
    admission.reset();
    admission = std::make_unique<Admission>(
        clock, [this](const std::string& words) { warnings.push_back(words); });
    configure();
  }

  tl::expected<Pass, Denial> enter(std::int64_t tokens = 0) {
    return admission->enter(key(), tokens);
  }
  /// Enters and reserves; an empty expectation holds why not.
  tl::expected<Pass, Denial> ask(const Bill& bill) {
    auto pass = enter();
    if (!pass) return pass;
    const auto grant = admission->reserve(*pass, key(), bill);
    if (!grant) return tl::unexpected(grant.error());
    return pass;
  }
  /// Asks for that much and spends it. False: refused.
  bool spend(Money cost) {
    auto pass = ask(bill_of(cost));
    return pass && !pass->settle(cost, 0);
  }
  /// How often that much can be spent in a row.
  int spend_all(Money each, int most = 1'000) {
    int times = 0;
    while (times < most && spend(each)) ++times;
    return times;
  }
  ScopeState state(const std::string& scope = "key:k1") { return admission->state(scope); }
};

}  // namespace routerone::admission::test
