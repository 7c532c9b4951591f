// What admission costs a request: entering, holding its money in three scopes that all have limits,
// settling; by the number of keys and of threads. Prints a table; asserts nothing.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "daemon/admission/admission.h"

namespace {

using namespace routerone;

constexpr int requests = 1'000'000;

void limit(Limits& limits) {
  SpendLimit& spend = limits.spend.emplace();
  spend.amount = Money{9'000'000'000'000'000'000};
  spend.period = Period::day;
  spend.timezone = "Europe/Berlin";
  spend.warn_percent = 0;
}

ControlData limited(int keys) {
  ControlData data;
  for (int i = 0; i < keys; ++i) {
    KeyRecord& key = data.keys.emplace_back();
    key.id = "01930000-0000-7000-8000-" + std::to_string(100'000'000'000 + i);
    key.name = "key" + std::to_string(i);
    limit(key.limits);
    key.limits.requests_per_minute = 1'000'000'000;
    key.limits.tokens_per_minute = 1'000'000'000'000;
    key.limits.concurrency = 1'000;
  }
  data.projects.emplace_back().name = "default";
  limit(data.projects.front().limits);
  limit(data.wallet.limits);
  return data;
}

void run(admission::Admission& admission, const ControlData& data, int count, std::size_t first) {
  admission::Bill bill;
  bill.input = Money{1'000'000'000};
  bill.output_rate = 15'000'000;
  bill.cap = 128'000;
  for (int i = 0; i < count; ++i) {
    const KeyRecord& key =
        data.keys[(first + static_cast<std::size_t>(i) * 7'919) % data.keys.size()];
    auto pass = admission.enter(key, 2'000);
    if (!pass || !admission.reserve(*pass, key, bill)) std::abort();
    pass->settle(Money{20'000'000}, 1'500);
  }
}

}  // namespace

int main() {
  const SystemClock clock;
  std::printf("   keys   threads   ns a request (wall of a thread; n = %d)   configure us\n",
              requests);
  for (const int keys : std::array{1, 100, 10'000}) {
    const ControlData data = limited(keys);
    for (const int threads : std::array{1, 2, 4}) {
      admission::Admission admission(clock);
      admission.configure(data);
      run(admission, data, 10'000, 0);  // warm
      const auto before = clock.steady();
      admission.configure(data);
      const auto start = clock.steady();
      std::vector<std::thread> loops;
      for (int i = 0; i < threads; ++i)
        loops.emplace_back(
            [&, i] { run(admission, data, requests / threads, static_cast<std::size_t>(i)); });
      for (std::thread& loop : loops) loop.join();
      const std::chrono::duration<double, std::nano> wall = clock.steady() - start;
      const std::chrono::duration<double, std::micro> configured = start - before;
      std::printf("%7d   %7d   %12.0f %45.0f\n", keys, threads, wall.count() / requests,
                  configured.count());
    }
  }
}
