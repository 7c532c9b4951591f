#include <doctest/doctest.h>

#include "tests/daemon/routing/table_fixture.h"
#include "tests/support/manual_clock.h"

using namespace routerone;

TEST_CASE("whoever was not seen to answer is taken to answer as much as the others do") {
  test::TableWorld world;
  for (const auto& [id, price] : {std::pair("cheap", R"({"input":1,"output":4})"),
                                  std::pair("dear", R"({"input":2,"output":8})")}) {
    world.add(id);
    world.data.prices.push_back({std::string(id) + "/m", price});
  }
  world.data.candidates.push_back({"auto", {"dear/m", "cheap/m"}});
  const test::ManualClock clock;
  routing::Health health(clock);
  for (int i = 0; i < 5; ++i) {
    const auto began = health.begin("dear/m");
    health.ended("dear/m", *began, FailureClass::none, {}, {.output_tokens = 3});
  }
  const auto table = world.table();
  routing::ModelTable::Wish wish{.model = "auto", .dialect = "openai-chat", .dice = 7};
  wish.health = &health;
  wish.weights = {0, 1, 0};
  const auto planned = table->plan(wish);
  REQUIRE(planned);
  CHECK(planned->targets.front().endpoint->provider == "cheap");
  REQUIRE(planned->decision);
  CHECK(planned->decision->candidates[0].point.dollars == doctest::Approx(3 * 8e-6));
  CHECK(planned->decision->candidates[1].point.dollars == doctest::Approx(3 * 4e-6));
}
