#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/decide.h"
#include "tests/daemon/routing/table_fixture.h"
#include "tests/support/manual_clock.h"

using namespace routerone;
using routing::Health;
using routing::Planned;
using test::TableWorld;

namespace {

int below(int end) { return *rc::gen::inRange(0, end); }
bool maybe() { return *rc::gen::arbitrary<bool>(); }
std::string provider(int i) { return "p" + std::to_string(i); }

/// Some of the providers there are, and now and then one that is not.
std::vector<std::string> some_providers() {
  std::vector<std::string> some;
  for (int i = below(4); i > 0; --i) some.push_back(provider(below(9)));
  return some;
}

/// Eight providers of two models under one name, what the user has set and what has happened.
struct AnyWorld {
  TableWorld world;
  test::ManualClock clock;
  Health health{clock};
  KeyRecord key;
  RouteWords words;
  RouteWeights weights;
  std::string session;
  std::uint32_t dice = *rc::gen::arbitrary<std::uint32_t>();
  std::int64_t input = *rc::gen::inRange<std::int64_t>(0, 100'000);

  AnyWorld() {
    CandidatesRecord any{"auto", {}};
    for (int i = 0; i < 8; ++i) {
      world.add(provider(i), below(3), below(4));
      for (const char* model : {"/m", "/n"}) {
        const std::string name = provider(i) + model;
        if (maybe()) any.models.push_back(name);
        if (maybe()) world.data.prices.push_back({name, price()});
        if (maybe()) world.data.qualities.push_back({name, below(101) / 100.0});
        happen(name);
      }
    }
    if (any.models.empty()) any.models.push_back("p0/m");
    world.data.candidates.push_back(any);
    if (maybe()) key.limits.providers = some_providers();
    if (maybe()) key.limits.models = {"p*/m"};
    if (maybe()) words.only = some_providers();
    if (maybe()) words.ignore = some_providers();
    if (maybe()) words.order = some_providers();
    words.allow_fallbacks = below(4) > 0;
    weights = {below(10) / 10.0, below(10) / 10.0, 0.1 + below(10) / 10.0};
    if (maybe()) session = provider(below(8)) + "/m";
    table_ = world.table();
  }

  tl::expected<Planned, Refusal> plan() const {
    routing::ModelTable::Wish wish{.model = "auto", .dialect = "openai-chat", .key = &key};
    wish.dice = dice;
    wish.words = &words;
    wish.input_tokens = input;
    wish.weights = weights;
    wish.health = &health;
    wish.steady = clock.steady();
    wish.keeper = [this] { return session; };
    return table_->plan(wish);
  }

 private:
  std::unique_ptr<routing::ModelTable> table_;  // its endpoints are what targets point at

  static std::string price() {
    return R"({"input":)" + std::to_string(below(20)) + R"(,"output":)" +
           std::to_string(below(60)) + "}";
  }
  void happen(const std::string& target) {
    for (int i = below(6); i > 0; --i) {
      const auto began = health.begin(target, true);
      clock.advance(std::chrono::milliseconds(below(3000)));
      const FailureClass how = maybe()   ? FailureClass::none
                               : maybe() ? FailureClass::server_error
                                         : FailureClass::rate_limited;
      const auto told = maybe() ? std::optional(std::chrono::seconds(below(30))) : std::nullopt;
      health.ended(target, *began, how, told,
                   {.failed = how != FailureClass::none,
                    .first_byte = routing::Seconds(below(500) / 100.0),
                    .output_tokens = below(2000)});
    }
  }
};

std::vector<std::string> names(const Planned& planned) {
  std::vector<std::string> all;
  for (const Target& target : planned.targets) all.push_back(health_name(target));
  return all;
}

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("nobody whom key, request or list leaves out stands in a plan") {
  CHECK(rc::check([] {
    const AnyWorld any;
    const auto planned = any.plan();
    if (!planned) return;
    const auto& listed = any.world.data.candidates.front().models;
    for (const Target& target : planned->targets) {
      const std::string& id = target.endpoint->provider;
      const Limits& limits = any.key.limits;
      RC_ASSERT(has(listed, target.name->model));
      RC_ASSERT(limits.providers.empty() || has(limits.providers, id));
      RC_ASSERT(limits.models.empty() || target.name->model.ends_with("/m"));
      RC_ASSERT(any.words.only.empty() || has(any.words.only, id));
      RC_ASSERT_FALSE(has(any.words.ignore, id));
      RC_ASSERT(any.words.allow_fallbacks || any.words.order.empty() || has(any.words.order, id));
    }
    if (!planned->decision) return;
    for (const Exclusion& one : planned->decision->excluded) {
      RC_ASSERT(std::none_of(planned->targets.begin(), planned->targets.end(), [&](const auto& t) {
        return t.name->model == one.model && t.endpoint->provider == one.provider;
      }));
    }
  }));
}

TEST_CASE("a plan holds each target once, and all that were not left out, up to sixteen") {
  CHECK(rc::check([] {
    const AnyWorld any;
    const auto planned = any.plan();
    if (!planned) return;
    const auto all = names(*planned);
    RC_ASSERT(std::set<std::string>(all.begin(), all.end()).size() == all.size());
    RC_ASSERT(planned->standings.size() == all.size());
    RC_ASSERT(planned->health.size() == all.size());
    if (!planned->decision) return;
    RC_ASSERT(all.size() == std::min<std::size_t>(planned->decision->candidates.size(), 16));
    const std::size_t left_out = planned->decision->excluded.size();
    RC_ASSERT(planned->decision->candidates.size() + left_out ==
              any.world.data.candidates.front().models.size());
  }));
}

TEST_CASE("equal wishes have equal plans") {
  CHECK(rc::check([] {
    const AnyWorld any;
    const auto once = any.plan(), again = any.plan();
    RC_ASSERT(once.has_value() == again.has_value());
    if (once) RC_ASSERT(names(*once) == names(*again));
    if (!once) RC_ASSERT(once.error().message == again.error().message);
  }));
}

TEST_CASE("in a plan more weight on a signal never puts first what is worse in it") {
  CHECK(rc::check([] {
    AnyWorld any;
    any.session.clear();
    const auto planned = any.plan();
    if (!planned || !planned->decision) return;
    const double more = 0.1 + below(30) / 10.0;
    for (const auto& [weight, term] : {std::pair(&RouteWeights::latency, &Score::latency),
                                       std::pair(&RouteWeights::cost, &Score::cost),
                                       std::pair(&RouteWeights::quality, &Score::quality)}) {
      const auto first = [&](const RouteWeights& weights) {
        Decision decision = *planned->decision;
        decision.weights = weights;
        routing::decide(decision, {.margin = 0, .trials = 0});
        if (decision.order.empty()) return 0.0;
        const Score& score = decision.candidates[decision.order.front()].score;
        return score.*term * score.health;
      };
      RouteWeights heavier = any.weights;
      heavier.*weight += more;
      RC_ASSERT(first(heavier) >= first(any.weights) - 1e-9);
    }
  }));
}

TEST_CASE("who served a session is asked first while it is sound") {
  CHECK(rc::check([] {
    const AnyWorld any;
    const auto planned = any.plan();
    if (!planned || any.session.empty() || planned->targets.size() < 2) return;
    const auto all = names(*planned);
    const auto at = std::find(all.begin(), all.end(), any.session);
    if (at == all.end()) return;
    const auto& standing = planned->standings[static_cast<std::size_t>(at - all.begin())];
    if (standing.kind == routing::Standing::Kind::ready) RC_ASSERT(at == all.begin());
  }));
}
