#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/model_table.h"
#include "tests/daemon/routing/table_fixture.h"
#include "tests/support/manual_clock.h"

using namespace routerone;
using namespace std::chrono_literals;
using routing::ModelTable;
using test::TableWorld;

namespace {

/// Two providers of `acme/one`, and what they are known for.
struct PlanWorld : TableWorld {
  PlanWorld() {
    add("acme");
    add("host");
    wish.dialect = "openai-chat";
    wish.model = "acme/one";
    wish.words = &words;
    wish.health = &health;
  }

  void serve(const std::string& target, double first_byte, int times = 5) {
    for (int i = 0; i < times; ++i) {
      const auto began = health.begin(target);
      health.ended(target, *began, FailureClass::none, {},
                   {.first_byte = routing::Seconds(first_byte)});
    }
  }
  void fail(const std::string& target, FailureClass how,
            std::optional<std::chrono::seconds> retry_after = {}) {
    const auto began = health.begin(target, true);
    health.ended(target, *began, how, retry_after, {.failed = true});
  }

  tl::expected<routing::Planned, Refusal> plan() {
    wish.steady = clock.steady();
    planned_by = table();
    return planned_by->plan(wish);
  }
  /// Providers, best first; `!` and the words of a refusal.
  std::string order() {
    const auto planned = plan();
    if (!planned) return "! " + planned.error().message;
    std::string text;
    for (const Target& target : planned->targets) {
      text +=
          (text.empty() ? "" : " ") + target.endpoint->provider + ":" + target.name->upstream_model;
    }
    return text;
  }
  std::string reasons() {
    const auto planned = plan();
    std::string text;
    if (!planned || !planned->decision) return text;
    for (const Exclusion& one : planned->decision->excluded) {
      text += (text.empty() ? "" : " ") + one.provider + ":" + one.reason;
    }
    return text;
  }

  test::ManualClock clock;
  routing::Health health{clock};
  RouteWords words;
  ModelTable::Wish wish;
  std::unique_ptr<ModelTable> planned_by;
};

}  // namespace

TEST_CASE("weights decide between the providers of a model") {
  PlanWorld world;
  world.serve("acme/one-v1", 0.5);
  world.serve("host/acme/one", 3);
  world.data.prices.push_back({"acme/one", R"({"input":1,"output":1})"});
  world.wish.weights = {1, 0, 0};
  world.wish.dice = 77;
  CHECK(world.order() == "acme:one-v1 host:acme/one");
}

TEST_CASE("what a decision chose from is told with its terms, and comes out the same again") {
  PlanWorld world;
  world.serve("acme/one-v1", 0.5);
  const auto planned = world.plan();
  REQUIRE(planned);
  REQUIRE(planned->decision);
  const Decision& decision = *planned->decision;
  REQUIRE(decision.candidates.size() == 2);
  CHECK(decision.candidates[0].point.seconds.has_value());
  CHECK_FALSE(decision.candidates[1].point.seconds.has_value());
  CHECK(decision.candidates[0].point.dollars.has_value());
  CHECK(decision.candidates[decision.order.front()].name->provider ==
        planned->targets.front().endpoint->provider);
}

TEST_CASE("a model with one provider leaves nothing to choose") {
  PlanWorld world;
  world.wish.model = "acme/duo";
  const auto planned = world.plan();
  REQUIRE(planned);
  CHECK(planned->targets.size() == 1);
  CHECK(planned->decision->candidates.size() == 1);
}

TEST_CASE("a provider that failed lately is a last resort, and told of as missed") {
  PlanWorld world;
  world.data.providers[1].priority = 1;
  for (int i = 0; i < 3; ++i) world.fail("acme/one-v1", FailureClass::server_error);
  CHECK(world.order() == "host:acme/one acme:one-v1");
  const auto planned = world.plan();
  REQUIRE(planned->missed);
  CHECK(planned->missed->target == "acme/one-v1");
  CHECK(planned->missed->why == FailureClass::server_error);
  CHECK(planned->standings[0].kind == routing::Standing::Kind::ready);
  CHECK(planned->standings[1].kind == routing::Standing::Kind::last_resort);
}

TEST_CASE("a provider that said when to come back stands last until then") {
  PlanWorld world;
  world.data.providers[1].priority = 1;
  world.fail("acme/one-v1", FailureClass::rate_limited, 30s);
  world.clock.advance(10s);
  const auto planned = world.plan();
  CHECK(planned->standings[1].kind == routing::Standing::Kind::cooling);
  CHECK(planned->standings[1].left == 20s);
  world.clock.advance(21s);
  CHECK(world.order() == "acme:one-v1 host:acme/one");
}

TEST_CASE("the session's target goes on serving it, but not in the place of another model") {
  PlanWorld world;
  world.serve("acme/one-v1", 0.1);
  world.serve("host/acme/one", 5);
  world.wish.keeper = [] { return std::string("host/acme/one"); };
  CHECK(world.order() == "host:acme/one acme:one-v1");
  CHECK(world.plan()->decision->sticky == "host/acme/one");

  world.data.fallbacks.push_back({"acme/one", {"acme/solo"}});
  world.wish.keeper = [] { return std::string("host/solo@v2"); };
  CHECK(world.plan()->decision->sticky.empty());
  CHECK(world.plan()->targets.back().name->upstream_model == "solo@v2");
}

TEST_CASE("a list of candidates is asked for as auto, and each of its models may serve") {
  PlanWorld world;
  CHECK(world.order().find("auto") == std::string::npos);
  world.wish.model = "auto:coding";
  CHECK(world.order().find("routerone routes candidates coding") != std::string::npos);
  world.data.candidates = {{"coding", {"acme/duo", "acme/solo"}}, {"auto", {"acme/one"}}};
  world.wish.weights = {0, 1, 0};
  const auto planned = world.plan();
  REQUIRE(planned);
  CHECK(planned->automatic);
  std::set<std::string> models;
  for (const Target& target : planned->targets) models.insert(target.name->model);
  CHECK(models == std::set<std::string>{"acme/duo", "acme/solo"});
  world.wish.model = "auto";
  CHECK(world.plan()->targets.size() == 2);
}

TEST_CASE("a model that stands in a list twice, by whatever names, is one candidate") {
  PlanWorld world;
  world.data.aliases = {{"pair", "acme/duo"}};
  world.data.candidates = {{"auto", {"acme/duo", "pair", "acme/duo", "acme/solo"}}};
  world.wish.model = "auto";
  CHECK(world.plan()->decision->candidates.size() == 2);
}

TEST_CASE("quality as the user sees it decides where it has the weight") {
  PlanWorld world;
  world.data.candidates = {{"auto", {"acme/duo", "acme/solo"}}};
  world.data.qualities = {{"acme/duo", 0.3}, {"acme/solo", 0.9}};
  world.wish.model = "auto";
  world.wish.weights = {0, 0, 1};
  world.wish.dice = 5;
  CHECK(world.order() == "host:solo@v2 acme:duo");
}

TEST_CASE("of candidates only those come into question that are known to be able") {
  PlanWorld world;
  world.data.candidates = {{"auto", {"acme/duo", "acme/solo"}}};
  world.wish.model = "auto";
  world.wish.input_tokens = 40'000;  // `host` reads 32,000
  CHECK(world.order() == "acme:duo");
  CHECK(world.reasons() == "host:context");
  world.wish.input_tokens = 100'000;
  CHECK(world.order().find("the request is longer than its context") != std::string::npos);
  world.wish.input_tokens = 10;
  world.wish.needs.tools = true;
  CHECK(world.order().find("acme/duo at acme: it is not known to call tools") != std::string::npos);
}

TEST_CASE(
    "a model that is named is asked whatever the catalog says of it, but best where it fits") {
  PlanWorld world;
  world.wish.input_tokens = 40'000;
  CHECK(world.order() == "acme:one-v1");
  world.wish.input_tokens = 100'000;
  CHECK(world.plan()->targets.size() == 2);
}

TEST_CASE("a request's own words order, narrow and forbid") {
  PlanWorld world;
  world.words.order = {"host"};
  CHECK(world.order() == "host:acme/one acme:one-v1");
  world.words.allow_fallbacks = false;
  CHECK(world.order() == "host:acme/one");
  CHECK(world.reasons() == "acme:provider.allow_fallbacks");
  world.words = {};
  world.words.only = {"acme"};
  CHECK(world.order() == "acme:one-v1");
  CHECK(world.reasons() == "host:provider.only");
  world.words = {};
  world.words.ignore = {"ACME/fp8"};
  CHECK(world.order() == "host:acme/one");
  world.words = {};
  world.words.max_prompt = 500'000;
  CHECK(world.order().find("it costs more than provider.max_price") != std::string::npos);
  CHECK(world.plan().error().param == "provider");
  world.words = {};
  world.words.no_collection = true;
  CHECK(world.order() == "host:acme/one");
  world.words = {};
  world.words.zero_retention = true;
  CHECK(world.order() == "acme:one-v1");
  world.words = {};
  world.words.quantizations = {"fp8"};
  CHECK(world.order().find("its quantization is not known") != std::string::npos);
  world.words.quantizations.emplace_back("unknown");
  CHECK(world.plan()->targets.size() == 2);
  world.words = {};
  world.words.allow_fallbacks = false;
  CHECK(world.plan()->one_only);
}

TEST_CASE("who routes itself is bound by names of ours, and left alone with its own") {
  PlanWorld world;
  world.add("zeta");
  world.add("router");
  world.wish.model = "zeta/far";
  world.words.only = {"anthropic"};  // nobody here: one of the router's
  CHECK(world.order() == "router:zeta/far");
  world.words.only = {"zeta"};
  CHECK(world.order() == "zeta:far");
  world.words = {};
  world.words.order = {"anthropic"};
  world.words.allow_fallbacks = false;
  CHECK(world.order() == "router:zeta/far");
  world.words.order = {"zeta"};
  CHECK(world.order() == "zeta:far");
  world.words = {};
  world.words.ignore = {"router"};
  CHECK(world.order() == "zeta:far");
  world.words = {};
  world.words.max_prompt = 0;
  CHECK(world.order().find("router: it costs more") != std::string::npos);
}

TEST_CASE("models named by the request stand in, one after the other, in place of a set chain") {
  PlanWorld world;
  world.data.fallbacks.push_back({"acme/one", {"zeta/duo"}});
  world.words.models = {"acme/duo", "acme/solo", "acme/one"};
  const auto planned = world.plan();
  std::vector<std::string> models;
  for (const Target& target : planned->targets) {
    if (models.empty() || models.back() != target.name->model) models.push_back(target.name->model);
  }
  CHECK(models == std::vector<std::string>{"acme/one", "acme/duo", "acme/solo"});
  CHECK(planned->targets.back().explicit_fallback);
}

TEST_CASE("a suffix asks for the cheapest, the quickest or what is free") {
  PlanWorld world;
  world.serve("acme/one-v1", 5);
  world.serve("host/acme/one", 0.5);
  world.wish.model = "acme/one:nitro";
  CHECK(world.order() == "host:acme/one acme:one-v1");
  CHECK(world.plan()->decision->weights == RouteWeights{1, 0, 0});
  world.wish.model = "one-latest:floor";
  CHECK(world.plan()->decision->weights == RouteWeights{0, 1, 0});
  world.wish.model = "acme/one:free";
  CHECK(world.order().find("provider.max_price") != std::string::npos);
}

TEST_CASE("each credential of a provider is a target of its own") {
  PlanWorld world;
  world.data.providers.front().more_keys.push_back({"second", "env:B", {}});
  world.credentials["acme"] = std::make_shared<const Secret>("one");
  world.credentials["acme#second"] = std::make_shared<const Secret>("two");
  world.data.providers[1].enabled = false;
  auto planned = world.plan();
  REQUIRE(planned->targets.size() == 2);
  world.fail("acme/one-v1", FailureClass::rate_limited, 30s);
  planned = world.plan();
  CHECK(planned->targets.front().endpoint->account == "second");
  CHECK(planned->standings.back().kind == routing::Standing::Kind::cooling);
}

TEST_CASE("a plan has nobody twice and nobody who is left out, whatever is asked") {
  rc::check([] {
    PlanWorld world;
    world.data.candidates = {{"auto", {"acme/one", "acme/duo", "acme/solo"}}};
    const auto pick = [](std::vector<std::string> from) {
      return from[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(from.size())))];
    };
    const std::string model = pick({"auto", "acme/one", "acme/one:nitro", "acme/one@host"});
    world.wish.model = model;
    world.wish.dice = *rc::gen::arbitrary<std::uint32_t>();
    world.wish.input_tokens = *rc::gen::inRange(0, 60'000);
    if (*rc::gen::arbitrary<bool>()) world.words.ignore = {pick({"acme", "host", "x"})};
    if (*rc::gen::arbitrary<bool>()) world.words.order = {pick({"acme", "host", "x"})};
    if (*rc::gen::arbitrary<bool>()) world.fail("acme/one-v1", FailureClass::model_missing);
    if (*rc::gen::arbitrary<bool>()) world.fail("host/acme/one", FailureClass::rate_limited, 9s);
    const auto planned = world.plan();
    if (!planned) return;
    std::set<std::string> seen;
    for (const Target& target : planned->targets) {
      RC_ASSERT(seen.insert(health_name(target)).second);
      if (!world.words.ignore.empty()) {
        RC_ASSERT(world.words.ignore.front() != target.endpoint->provider);
      }
    }
    RC_ASSERT(planned->standings.size() == planned->targets.size());
    RC_ASSERT(planned->health.size() == planned->targets.size());
    if (!planned->decision) return;
    for (const Exclusion& one : planned->decision->excluded) {
      for (const Target& target : planned->targets) {
        if (one.model == target.name->model) RC_ASSERT(one.provider != target.endpoint->provider);
      }
    }
    const auto again = world.plan();
    RC_ASSERT(again->decision->order == planned->decision->order);
  });
}
