#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "daemon/routing/health.h"

using namespace routerone;
using namespace std::chrono_literals;
using routing::first_byte_p95;
using routing::first_byte_timeout;
using routing::HealthView;
using routing::Seconds;
using routing::Signals;

namespace {

constexpr auto forever = std::chrono::milliseconds(std::chrono::hours(1'000));

/// The times to the first byte of a target, half of them above `middle`.
class Latency {
 public:
  Latency(double middle, double sigma, std::uint32_t seed)
      : draw_(std::log(middle), sigma), dice_(seed) {}
  double next() { return draw_(dice_); }

 private:
  std::lognormal_distribution<double> draw_;
  std::mt19937 dice_;
};

HealthView seen(const Signals& signals) {
  HealthView view;
  view.spread = signals.spread();
  return view;
}

HealthView after(const std::vector<double>& seconds) {
  Signals signals;
  for (const double one : seconds) signals.note({.first_byte = Seconds(one)}, {});
  return seen(signals);
}

std::vector<double> some(double middle, double sigma, int count) {
  Latency latency(middle, sigma, 7);
  std::vector<double> all;
  for (int i = 0; i < count; ++i) all.push_back(latency.next());
  return all;
}

/// Of 10,000 sound answers, those that a target's own history would have cut.
double cut_of_ten_thousand(double sigma) {
  int cut = 0, all = 0;
  for (std::uint32_t target = 0; target < 1000; ++target) {
    Signals signals;
    Latency latency(0.8, sigma, target);
    for (int i = 0; i < 320; ++i) {
      const double seconds = latency.next();
      if (i >= 20) {
        ++all;
        cut += Seconds(seconds) > first_byte_timeout(seen(signals), 0ms, forever);
      }
      signals.note({.first_byte = Seconds(seconds)}, {});
    }
  }
  return 1e4 * cut / all;
}

}  // namespace

TEST_CASE("of ten thousand sound answers, less than one is given up, however far they spread") {
  for (const double sigma : {0.2, 0.5, 1.0, 1.5}) {
    const double cut = cut_of_ten_thousand(sigma);
    const auto awaited = first_byte_timeout(after(some(0.8, sigma, 2000)), 0ms, forever);
    std::printf("  sigma %.1f: cut %.2f of 10,000, awaited %.0f times the usual\n", sigma, cut,
                Seconds(awaited).count() / 0.8);
    CHECK(cut < 1);
  }
}

TEST_CASE("a target that is steady is not awaited for long, nor less than the floor") {
  const auto view = after(some(0.8, 0.2, 200));
  CHECK(first_byte_timeout(view, 1s, 290s) > 6s);
  CHECK(first_byte_timeout(view, 1s, 290s) < 12s);
  CHECK(first_byte_timeout(view, 30s, 290s) == 30s);
}

TEST_CASE("what is hardly known is awaited as long as may be") {
  CHECK(first_byte_timeout({}, 1s, 290s) == 290s);
  CHECK(first_byte_timeout(after(some(0.8, 0.2, 19)), 1s, 290s) == 290s);
  CHECK(first_byte_timeout(after(some(0.8, 0.2, 20)), 1s, 290s) < 290s);
  CHECK(first_byte_timeout(after(some(100, 1, 50)), 1s, 290s) == 290s);
}

TEST_CASE("a ceiling below the floor is the ceiling") {
  CHECK(first_byte_timeout(after(some(0.8, 0.2, 200)), 30s, 5s) == 5s);
}

TEST_CASE("one that has become slow is awaited for longer each time it was given up") {
  Signals signals;
  for (const double one : some(0.8, 0.2, 200)) signals.note({.first_byte = Seconds(one)}, {});
  const auto at_first = first_byte_timeout(seen(signals), 1s, 290s);
  auto before = at_first;
  for (int i = 0; i < 4; ++i) {
    signals.note({.failed = true, .silent = Seconds(before)}, {});
    const auto now = first_byte_timeout(seen(signals), 1s, 290s);
    CHECK(now > before);
    before = now;
  }
  CHECK(before > 3 * at_first);
}

TEST_CASE("95 of 100 first bytes come before the time that is told") {
  const auto told = first_byte_p95(after(some(1, 0.5, 5000)));
  REQUIRE(told);
  CHECK(told->count() == doctest::Approx(std::exp(1.645 * 0.5)).epsilon(0.3));
  CHECK_FALSE(first_byte_p95(after(some(1, 0.5, 19))));
}
