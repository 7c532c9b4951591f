// What planning a request costs: 20 candidates, all measured, beside what any router must do at
// least.
//   plan_load
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/routing/decide.h"
#include "daemon/routing/health.h"
#include "tests/daemon/routing/table_fixture.h"

namespace routerone {
namespace {

constexpr int candidates = 20;
constexpr double target_us = 5;

/// Median microseconds of one call, of 200 batches.
double median_us(const std::function<void()>& what) {
  constexpr int batches = 200, calls = 200;
  std::vector<double> seen;
  for (int i = 0; i < batches; ++i) {
    const auto began = std::chrono::steady_clock::now();
    for (int n = 0; n < calls; ++n) what();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    seen.push_back(took.count() / calls);
  }
  std::nth_element(seen.begin(), seen.begin() + batches / 2, seen.end());
  return seen[batches / 2];
}

void print(const char* what, double us, const char* remark = "") {
  std::printf("  %-58s %8.3f us  %s\n", what, us, remark);
}

/// Twenty providers behind `auto`, one of them behind `one`.
struct World {
  test::TableWorld user;
  SystemClock clock;
  routing::Health health{clock};
  std::vector<std::string> targets;

  World() {
    CandidatesRecord any{"auto", {}}, one{"one", {}};
    for (int i = 0; i < candidates; ++i) {
      const std::string id = "provider" + std::to_string(i);
      user.add(id);
      any.models.push_back(id + "/vendor/model-of-today");
      user.data.prices.push_back(
          {any.models.back(), R"({"input":3,"output":15,"cache_read":0.3})"});
      serve(any.models.back(), 0.3 + 0.01 * i);
    }
    one.models = {any.models.front()};
    targets = any.models;
    user.data.candidates = {any, one};
  }

 private:
  void serve(const std::string& target, double first_byte) {
    for (int i = 0; i < 30; ++i) {
      const auto began = health.begin(target);
      health.ended(target, *began, FailureClass::none, {},
                   {.first_byte = routing::Seconds(first_byte),
                    .per_token = routing::Seconds(0.01),
                    .output_tokens = 300});
    }
  }
};

void run() {
  const World world;
  const auto table = world.user.table();
  std::uint32_t dice = 1;
  const auto plan = [&](std::string_view model) {
    routing::ModelTable::Wish wish{.model = model, .dialect = "openai-chat", .dice = ++dice};
    wish.input_tokens = 20'000;
    wish.health = &world.health;
    wish.steady = world.clock.steady();
    return table->plan(wish).value();
  };
  const routing::Planned planned = plan("auto");
  Decision decision = planned.decision.value();

  std::printf("planning, median of 200 x 200 calls\n");
  print("baseline: copying the chosen targets of a plan of 20",
        median_us([&] { const std::vector<Target> copy = planned.targets; }));
  print("baseline: finding 20 names in a map", median_us([&] {
          static const std::map<std::string, int, std::less<>> names = [&] {
            std::map<std::string, int, std::less<>> all;
            for (const std::string& target : world.targets) all.emplace(target, 1);
            return all;
          }();
          for (const std::string& target : world.targets) {
            if (!names.contains(target)) std::abort();
          }
        }));
  print("plan of 1", median_us([&] { plan("auto:one"); }));
  const std::vector<std::string_view> watched(world.targets.begin(), world.targets.end());
  print("how 20 targets do", median_us([&] { world.health.view(watched); }));
  print("deciding between 20", median_us([&] {
          decision.dice = ++dice;
          routing::decide(decision);
        }));
  const double whole = median_us([&] { plan("auto"); });
  print("plan of 20", whole, whole <= target_us ? "(at most 5)" : "(MORE than 5)");
}

}  // namespace
}  // namespace routerone

int main() { routerone::run(); }
