#include "daemon/control/whatif.h"

#include <doctest/doctest.h>

#include "common/core/text.h"
#include "daemon/exchange/health_name.h"
#include "daemon/routing/decide.h"

namespace routerone::control {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t cent = 10'000'000'000;  // picodollars
const WallTime noon = wall_from_micros(1'795'176'000'000'000);
const RouteWeights cheap{0, 1, 0};

DecidedCandidate candidate(const std::string& provider, double seconds, double dollars) {
  DecidedCandidate one;
  one.name = name_target({provider, "", "", "m"});
  one.point.seconds = seconds;
  one.point.dollars = dollars;
  return one;
}

/// Decided for speed: `fast` serves; `cheap` takes 4 s more and costs a tenth.
store::PastRequest past(Money cost = {10 * cent}, WallTime at = noon) {
  store::PastRequest made;
  made.time = at;
  made.key_id = "key-1";
  made.key_name = "ci";
  made.project = "default";
  made.provider = "fast";
  made.upstream_model = "m";
  made.cost = cost;
  made.attempts = {{.provider = "fast", .upstream_model = "m", .status = 200}};
  Decision& decision = made.decision.emplace();
  decision.weights = {1, 0, 0};
  decision.candidates = {candidate("fast", 1, 0.5), candidate("cheap", 5, 0.05)};
  routing::decide(decision);
  return made;
}

ControlData one_key() {
  ControlData data;
  KeyRecord key;
  key.id = "key-1";
  key.name = "ci";
  data.keys.push_back(key);
  ProjectRecord project;
  project.name = "default";
  data.projects.push_back(project);
  return data;
}

ReplayLimit limit(const std::string& text) { return *ReplayLimit::read(text, one_key()); }

std::string fault_of_limit(const std::string& text) {
  const auto read = ReplayLimit::read(text, one_key());
  return read ? "" : read.error().message;
}

Json told(const std::vector<store::PastRequest>& all, const routing::ReplayChanges& changes,
          std::vector<ReplayLimit> limits = {}) {
  WhatIf whatif(changes, std::move(limits));
  for (const auto& one : all) whatif.add(one);
  return whatif.done();
}

std::int64_t sum_of_kinds(const Json& out) {
  std::int64_t sum = 0;
  for (const char* kind : {"unchanged", "moved", "nobody_left", "no_choice", "not_served"})
    sum += out[kind].get<std::int64_t>();
  for (const auto& [kind, count] : out["not_judged"].items()) sum += count.get<std::int64_t>();
  return sum;
}

TEST_CASE("nothing moves where nothing changes, and the money is what it was") {
  const Json out = told({past(), past(), past()}, {});
  CHECK(out["requests"] == 3);
  CHECK(out["unchanged"] == 3);
  CHECK(out["moves"].empty());
  CHECK(out["cost"]["actual_picousd"] == 30 * cent);
  CHECK(out["cost"]["change_picousd"] == 0);
  CHECK(out["cost"]["estimated"] == false);
  CHECK(out["latency"]["change_ms"].is_null());
}

TEST_CASE("who moves costs and takes what the decision expected, in proportion to what it cost") {
  const Json out = told({past(), past({1 * cent})}, {cheap, {}, {}});
  CHECK(out["moved"] == 2);
  REQUIRE(out["moves"].size() == 1);
  CHECK(out["moves"][0]["from"] == "fast/m");
  CHECK(out["moves"][0]["to"] == "cheap/m");
  CHECK(out["moves"][0]["requests"] == 2);
  CHECK(out["moves"][0]["share"] == 1.0);
  CHECK(out["moves"][0]["change_picousd"] == -99 * cent / 10);
  CHECK(out["cost"]["actual_usd"] == "0.110000");
  CHECK(out["cost"]["replayed_usd"] == "0.011000");
  CHECK(out["cost"]["change_usd"] == "-0.099000");
  CHECK(out["cost"]["estimated"] == true);
  CHECK(out["latency"]["requests"] == 2);
  CHECK(out["latency"]["change_ms"] == 4000.0);
}

TEST_CASE("each request is of exactly one kind") {
  store::PastRequest refused = past(), plain = past(), failed = past(), cut = past(),
                     of_old = past();
  refused.state = FinalState::refused;
  refused.provider.clear();
  plain.decision.reset();
  failed.state = FinalState::upstream_failed;
  cut.decision_is_whole = false;
  of_old.decision->order = {1, 0};
  const Json out = told({past(), refused, plain, failed, cut, of_old, past()}, {cheap, {}, {}});
  CHECK(out["requests"] == 7);
  CHECK(sum_of_kinds(out) == 7);
  CHECK(out["moved"] == 2);
  CHECK(out["not_served"] == 1);
  CHECK(out["no_choice"] == 1);
  CHECK(out["not_judged"]["failed"] == 1);
  CHECK(out["not_judged"]["too_many_candidates"] == 1);
  CHECK(out["not_judged"]["other_rules"] == 1);
}

TEST_CASE("what the daemon itself answered went to nobody, and goes to nobody") {
  store::PastRequest counted = past({0});
  counted.provider.clear();
  counted.attempts.clear();
  CHECK(told({counted}, {cheap, {}, {}})["not_served"] == 1);
}

TEST_CASE("what failed under the same first choice fails again, and is no change") {
  store::PastRequest failed = past({0});
  failed.state = FinalState::upstream_failed;
  failed.provider.clear();
  CHECK(told({failed}, {})["unchanged"] == 1);
  CHECK(told({failed}, {{}, {"cheap"}, {}})["unchanged"] == 1);
  CHECK(told({failed}, {{}, {"fast"}, {}})["not_judged"]["failed"] == 1);
}

TEST_CASE("without its provider a request goes to the next, and without all of them to nobody") {
  const Json out = told({past()}, {{}, {"fast"}, {}});
  CHECK(out["moved"] == 1);
  CHECK(out["moves"][0]["to"] == "cheap/m");
  const Json none = told({past()}, {{}, {"fast", "cheap"}, {}});
  CHECK(none["nobody_left"] == 1);
  CHECK(none["cost"]["actual_picousd"] == 0);
  CHECK(none["cost"]["nobody_left_picousd"] == 10 * cent);
  store::PastRequest pinned = past();
  pinned.decision.reset();
  CHECK(told({pinned}, {{}, {"fast"}, {}})["nobody_left"] == 1);
  CHECK(told({pinned}, {{}, {"cheap"}, {}})["no_choice"] == 1);
}

TEST_CASE("a first target that failed fails again, and the next in order serves") {
  store::PastRequest made = past();
  made.provider = "cheap";
  made.attempts = {{.provider = "fast",
                    .upstream_model = "m",
                    .failure = FailureClass::connect,
                    .latency = std::chrono::milliseconds(250)},
                   {.provider = "cheap", .upstream_model = "m", .status = 200}};
  CHECK(told({made}, {})["unchanged"] == 1);
  const Json out = told({made}, {cheap, {}, {}});
  CHECK(out["unchanged"] == 1);
  CHECK(out["latency"]["change_ms"] == -250.0);
  CHECK(told({made}, {{}, {"cheap"}, {}})["nobody_left"] == 1);
}

TEST_CASE("a cost that is not known is counted apart and in no sum") {
  store::PastRequest unpriced = past();
  unpriced.decision->candidates[1].point.dollars.reset();
  unpriced.decision->weights = {0, 0, 1};
  routing::decide(*unpriced.decision);
  unpriced.provider = unpriced.decision->candidates[unpriced.decision->order[0]].name->provider;
  unpriced.attempts[0].provider = unpriced.provider;
  const Json out = told({unpriced}, {{}, {unpriced.provider}, {}});
  CHECK(out["moved"] == 1);
  CHECK(out["cost"]["unknown"] == 1);
  CHECK(out["cost"]["actual_picousd"] == 0);
  CHECK(out["moves"][0]["unknown_cost"] == 1);
  store::PastRequest never_told = past();
  never_told.cost.reset();
  CHECK(told({never_told}, {})["cost"]["unknown"] == 1);
}

TEST_CASE("in place of an answer that was free stands what the other was expected to cost") {
  store::PastRequest made = past({0});
  made.decision->candidates[0].point.dollars = 0;
  const Json out = told({made}, {{}, {"fast"}, {}});
  CHECK(out["cost"]["change_picousd"] == 5 * cent);
}

TEST_CASE("a session that moved stays where it went until its cache is cold") {
  store::PastRequest first = past(), warm = past(), cold = past();
  for (auto* one : {&first, &warm, &cold}) one->session = "s-1";
  warm.decision->sticky = "fast/m";
  routing::decide(*warm.decision);
  // The second would stay with `fast`, had the first one not moved.
  CHECK(told({warm}, {cheap, {}, {}})["moved"] == 0);
  CHECK(told({first, warm}, {cheap, {}, {}})["moved"] == 2);
  store::PastRequest other = warm;
  other.session = "s-2";
  CHECK(told({first, other}, {cheap, {}, {}})["moved"] == 1);
  // Once its cache was cold it chose anew, and stays with that.
  cold.decision->candidates[0].point.dollars = 0.01;
  routing::decide(*cold.decision);
  const Json out = told({first, warm, cold, warm}, {cheap, {}, {}});
  CHECK(out["moved"] == 2);
  CHECK(out["unchanged"] == 2);
}

TEST_CASE("a limit refuses what does not fit its window, and the next window lets through again") {
  std::vector<store::PastRequest> all;
  for (int i = 0; i < 5; ++i) all.push_back(past({4 * cent}, noon + minutes(i)));
  all.push_back(past({4 * cent}, noon + hours(24)));
  const Json out = told(all, {}, {limit("key:ci=.10/day")});
  CHECK(out["refused"]["requests"] == 3);
  CHECK(out["refused"]["cost_picousd"] == 12 * cent);
  REQUIRE(out["refused"]["limits"].size() == 1);
  const Json& told_of = out["refused"]["limits"][0];
  CHECK(told_of["limit"] == "key:ci=.10/day");
  CHECK(told_of["requests"] == 6);
  CHECK(told_of["refused"] == 3);
  CHECK(told_of["first_refused"] == format_rfc3339(noon + minutes(2)));
  CHECK(out["unchanged"] == 6);
}

TEST_CASE("a limit is met by what requests would cost where they went") {
  std::vector<store::PastRequest> all;
  for (int i = 0; i < 5; ++i) all.push_back(past({10 * cent}, noon + minutes(i)));
  CHECK(told(all, {}, {limit("wallet=.25")})["refused"]["requests"] == 3);
  CHECK(told(all, {cheap, {}, {}}, {limit("wallet=.25")})["refused"]["requests"] == 0);
}

TEST_CASE("of several limits each refuses for itself, and what one refuses is spent in none") {
  std::vector<store::PastRequest> all;
  for (int i = 0; i < 4; ++i) all.push_back(past({10 * cent}, noon + minutes(i)));
  const Json out = told(all, {}, {limit("key:ci=.10"), limit("project:default=.30")});
  CHECK(out["refused"]["requests"] == 3);
  CHECK(out["refused"]["limits"][0]["refused"] == 3);
  CHECK(out["refused"]["limits"][1]["refused"] == 0);
}

TEST_CASE("a limit counts its own scope only, runs inside a key with the key") {
  store::PastRequest run = past(), other = past();
  run.key_id = "key-1.7";
  other.key_id = "key-2";
  other.project = "web";
  const Json out = told({run, other, past()}, {}, {limit("key:ci=.10")});
  CHECK(out["refused"]["limits"][0]["requests"] == 2);
  CHECK(out["refused"]["limits"][0]["refused"] == 1);
}

TEST_CASE("what is no limit is refused in words") {
  for (const char* text : {"", "key:ci", "key:ci=", "key:ci=none"})
    CHECK_MESSAGE(fault_of_limit(text).find("SCOPE=USD") != std::string::npos, text);
  CHECK(fault_of_limit("key:ci=2/fortnight").find("fortnight") != std::string::npos);
  CHECK(fault_of_limit("key:ci=-1").find("lets nothing through") != std::string::npos);
  CHECK(fault_of_limit("key:nobody=2").find("no key \"nobody\"") != std::string::npos);
  CHECK(fault_of_limit("team:a=2").find("team:a") != std::string::npos);
  CHECK(fault_of_limit("wallet=50").empty());
}

}  // namespace
}  // namespace routerone::control
