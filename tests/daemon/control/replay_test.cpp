#include <doctest/doctest.h>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/decide.h"
#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::ReplayWish;
using control::Strings;
using test::fault_of;
using test::PlaneWorld;
using test::says;

constexpr std::int64_t cent = 10'000'000'000;  // picodollars

DecidedCandidate candidate(const std::string& provider, double seconds, double dollars) {
  DecidedCandidate one;
  one.name = name_target({provider, "", "", "m"});
  one.point.seconds = seconds;
  one.point.dollars = dollars;
  return one;
}

/// Decided for speed between a fast, dear one and a slow one at a tenth of its price.
TraceRow decided(PlaneWorld& world) {
  TraceRow row = world.row("fast/m", 10 * cent);
  row.upstream_model = "m";
  row.attempts = {{.provider = "fast", .upstream_model = "m", .status = 200}};
  Decision& decision = row.decision.emplace();
  decision.weights = {1, 0, 0};
  decision.candidates = {candidate("fast", 1, 0.5), candidate("cheap", 5, 0.05)};
  decision.excluded = {{"lab/x", "acme", "tools"}};
  routing::decide(decision);
  return row;
}

ReplayWish wish(std::optional<Strings> weights, Strings terms = {}) {
  ReplayWish made;
  made.weights = std::move(weights);
  made.terms = std::move(terms);
  return made;
}

TEST_CASE("stored decisions are replayed: none moves unless something is other than it was") {
  PlaneWorld world;
  for (int i = 0; i < 3; ++i) world.commit(decided(world));
  world.commit(world.row("fast/m", cent));
  const auto same = world.client.replay_routes(wish({}));
  REQUIRE_MESSAGE(same.has_value(), fault_of(same));
  CHECK((*same)["schema"] == 1);
  CHECK((*same)["weights"].is_null());
  CHECK((*same)["requests"] == 4);
  CHECK((*same)["unchanged"] == 3);
  CHECK((*same)["no_choice"] == 1);
  CHECK((*same)["moved"] == 0);
  const auto cheap = world.client.replay_routes(wish(Strings{"cost=.8", "latency=.2"}));
  REQUIRE(cheap.has_value());
  CHECK((*cheap)["weights"].dump() == R"({"latency":0.2,"cost":0.8,"quality":0.0})");
  CHECK((*cheap)["moved"] == 3);
  CHECK((*cheap)["cost"]["change_picousd"] == -27 * cent);
  CHECK((*world.client.replay_routes(wish(Strings{"cheap"})))["moved"] == 3);
  CHECK((*world.client.replay_routes(wish(Strings{"cheap"}, {"key=nobody"})))["requests"] == 0);
}

TEST_CASE("a replay may leave providers out and hold spend limits that were not there") {
  PlaneWorld world;
  REQUIRE(world.add_local("fast"));
  REQUIRE(world.create_key("ci"));
  for (int i = 0; i < 3; ++i) {
    TraceRow row = decided(world);
    row.key_id = world.record_of("ci").id;
    world.commit(row);
    world.clock.advance(std::chrono::seconds(1));
  }
  ReplayWish made;
  made.without = {"fast"};
  CHECK((*world.client.replay_routes(made))["moved"] == 3);
  made = {};
  made.limits = {"key:ci=.10/day", "wallet=.20"};
  const auto limited = world.client.replay_routes(made);
  REQUIRE_MESSAGE(limited.has_value(), fault_of(limited));
  CHECK((*limited)["refused"]["requests"] == 2);
  CHECK((*limited)["refused"]["limits"][1]["refused"] == 0);
}

TEST_CASE("what cannot be replayed is refused in words") {
  PlaneWorld world;
  ReplayWish made;
  made.without = {"nobody"};
  CHECK(fault_of(world.client.replay_routes(made)).starts_with("not_found: there is no provider"));
  made = {};
  made.limits = {"key:nobody=2/day"};
  CHECK(fault_of(world.client.replay_routes(made)).starts_with("not_found: there is no key"));
  made.limits = {"wallet"};
  CHECK(says(fault_of(world.client.replay_routes(made)), "SCOPE=USD"));
  CHECK(fault_of(world.client.replay_routes(wish(Strings{"speed=1"}))).starts_with("invalid"));
  CHECK(fault_of(world.client.replay_routes(wish(Strings{"cost=0"}))).starts_with("invalid"));
  CHECK(fault_of(world.client.replay_routes(wish({}, {"colour=red"}))).starts_with("invalid"));
}

TEST_CASE("a trace's decision says in words why each that was left out was") {
  PlaneWorld world;
  const TraceRow row = decided(world);
  world.commit(row);
  const auto trace = world.client.show_trace(row.id);
  REQUIRE(trace.has_value());
  const Json& excluded = (*trace)["routing"]["excluded"][0];
  CHECK(excluded["reason"] == "tools");
  CHECK(says(excluded["words"].get<std::string>(), "tools"));
}

}  // namespace
}  // namespace routerone
