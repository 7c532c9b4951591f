#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/replay.h"
#include "daemon/store/decision_json.h"
#include "tests/daemon/routing/table_fixture.h"
#include "tests/support/manual_clock.h"

namespace routerone {
namespace {

using test::TableWorld;

/// Providers of nobody's, each of which had its days, and a list of their models to choose from.
struct AnyWorld : TableWorld {
  AnyWorld() {
    const int count = *rc::gen::inRange(2, 8);
    CandidatesRecord list{"auto", {}};
    for (int i = 0; i < count; ++i) {
      const std::string name = "p" + std::to_string(i);
      add(name, *rc::gen::inRange(0, 3), *rc::gen::inRange(0, 3));
      list.models.push_back(name + "/m");
      if (*rc::gen::arbitrary<bool>())
        data.prices.push_back(
            {name + "/m", "{\"input\":" + std::to_string(*rc::gen::inRange(0, 9)) +
                              ",\"output\":" + std::to_string(*rc::gen::inRange(0, 9)) + "}"});
      if (*rc::gen::arbitrary<bool>())
        data.qualities.push_back({name + "/m", *rc::gen::inRange(0, 101) / 100.0});
      live(name + "/m");
    }
    data.candidates.push_back(std::move(list));
  }

  /// What it did lately.
  void live(const std::string& target) {
    for (int left = *rc::gen::inRange(0, 12); left > 0; --left) {
      const auto began = health.begin(target, true);
      clock.advance(std::chrono::milliseconds(*rc::gen::inRange(0, 3'000)));
      const bool failed = *rc::gen::inRange(0, 3) == 0;
      const auto how = failed ? *rc::gen::element(FailureClass::server_error, FailureClass::connect,
                                                  FailureClass::rate_limited)
                              : FailureClass::none;
      routing::Sample sample;
      sample.failed = failed;
      if (!failed) sample.first_byte = routing::Seconds(*rc::gen::inRange(1, 9'000) / 1e3);
      const auto retry_after = how == FailureClass::rate_limited
                                   ? std::optional(std::chrono::seconds(30))
                                   : std::nullopt;
      health.ended(target, *began, how, retry_after, sample);
    }
    if (*rc::gen::inRange(0, 4) == 0) health.begin(target, true);  // under way
    if (*rc::gen::inRange(0, 4) == 0) health.set_headroom(target, *rc::gen::inRange(0, 11) / 10.0);
  }

  Decision decide() {
    RouteWords words;
    words.sort = *rc::gen::element(RouteWords::Sort::none, RouteWords::Sort::none,
                                   RouteWords::Sort::price, RouteWords::Sort::throughput);
    if (*rc::gen::inRange(0, 3) == 0) words.order = {"p1", "p0"};
    routing::ModelTable::Wish wish;
    const auto model = *rc::gen::element<std::string>("auto", "p0/m");
    wish.model = model;
    if (wish.model != "auto") words.models = {"p1/m", "auto", "p2/m"};
    wish.dialect = "openai-chat";
    wish.dice = *rc::gen::arbitrary<std::uint32_t>();
    wish.words = &words;
    wish.health = &health;
    wish.steady = clock.steady();
    wish.input_tokens = *rc::gen::inRange(0, 50'000);
    wish.weights = {*rc::gen::inRange(0, 10) / 9.0, *rc::gen::inRange(0, 10) / 9.0,
                    *rc::gen::inRange(0, 10) / 9.0};
    const bool stays = *rc::gen::inRange(0, 3) == 0;
    wish.keeper = [stays] { return std::string(stays ? "p1/m" : ""); };
    const auto models = table();
    auto planned = models->plan(wish);
    RC_ASSERT(planned.has_value());
    RC_ASSERT(planned->decision.has_value());
    for (std::size_t i = 0; i < planned->decision->order.size(); ++i) {
      const auto& asked = planned->decision->candidates[planned->decision->order[i]];
      RC_ASSERT(health_name(planned->targets[i]) == health_name(asked));
    }
    return *std::move(planned->decision);
  }

  test::ManualClock clock;
  routing::Health health{clock};
};

TEST_CASE("whatever was planned comes out of its row and is chosen again, target by target") {
  CHECK(rc::check([] {
    AnyWorld world;
    const Decision decision = world.decide();
    const auto stored = store::decision_of(store::decision_text(decision));
    RC_ASSERT(stored.has_value());
    const Decision again = routing::replay(stored->decision, {});
    RC_ASSERT(again.order == decision.order);
    RC_ASSERT(again.trial == decision.trial);
    RC_CLASSIFY(decision.trial, "trials");
    RC_CLASSIFY(!decision.sticky.empty(), "sessions that stay");
    RC_CLASSIFY(decision.sorted, "sorted");
    RC_CLASSIFY(decision.order.size() < decision.candidates.size(), "some out");
  }));
}

}  // namespace
}  // namespace routerone
