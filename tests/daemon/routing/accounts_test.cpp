#include "daemon/routing/accounts.h"

#include <doctest/doctest.h>

#include <map>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/decide.h"

using namespace routerone;

namespace {

DecidedCandidate candidate(const std::string& provider, const std::string& account,
                           std::optional<double> seconds = {}) {
  DecidedCandidate made;
  made.name = name_target({provider, account, "m", "m"});
  made.point.seconds = seconds;
  return made;
}

/// How often each was first in `rounds` decisions, by `provider#account`.
std::map<std::string, int> firsts(const std::vector<DecidedCandidate>& candidates, int rounds) {
  std::map<std::string, int> count;
  std::uint32_t dice = 12345;
  for (int i = 0; i < rounds; ++i) {
    Decision decision;
    decision.dice = dice = dice * 1664525U + 1013904223U;
    decision.candidates = candidates;
    routing::even_out(decision.candidates);
    routing::decide(decision, {.trials = 0});
    const DecidedCandidate& first = decision.candidates[decision.order.front()];
    ++count[first.name->provider + "#" + first.name->account];
  }
  return count;
}

}  // namespace

TEST_CASE("credentials of one provider take turns, however their measured speeds fell out") {
  const auto count = firsts({candidate("a", "", 1.0), candidate("a", "two", 1.6)}, 1000);
  CHECK(count.at("a#") > 400);
  CHECK(count.at("a#two") > 400);
}

TEST_CASE("a further credential does not make its provider's part of the load greater") {
  const auto count =
      firsts({candidate("a", "", 1.0), candidate("a", "two", 1.0), candidate("b", "", 1.0)}, 1000);
  CHECK(count.at("b#") > 400);
  CHECK(count.at("b#") < 600);
}

TEST_CASE("a credential that is left alone leaves its part to the others of its provider") {
  auto resting = candidate("a", "two", 1.0);
  SUBCASE("told away") { resting.out = true; }
  SUBCASE("a last resort") { resting.point.reserve = true; }
  std::vector<DecidedCandidate> all{candidate("a", "", 1.0), resting, candidate("b", "", 1.0)};
  routing::even_out(all);
  CHECK(all[0].point.share == 1);
  CHECK(all[2].point.share == 1);
}

TEST_CASE("what one credential was seen to take goes for one that was not measured yet") {
  std::vector<DecidedCandidate> all{candidate("a", "", 2.0), candidate("a", "two"),
                                    candidate("b", ""), candidate("b", "two")};
  routing::even_out(all);
  CHECK(all[1].point.seconds == 2.0);
  CHECK_FALSE(all[3].point.seconds);
}

TEST_CASE("other providers, models and tiers stay as they are") {
  auto other = candidate("a", "two", 5.0);
  SUBCASE("provider") { other.name = name_target({"b", "two", "m", "m"}); }
  SUBCASE("model") { other.name = name_target({"a", "two", "n", "m"}); }
  SUBCASE("upstream model") { other.name = name_target({"a", "two", "m", "n"}); }
  SUBCASE("tier") { other.tier = 1; }
  std::vector<DecidedCandidate> all{candidate("a", "", 2.0), other};
  routing::even_out(all);
  CHECK(all[0].point.seconds == 2.0);
  CHECK(all[1].point.seconds == 5.0);
  CHECK(all[1].point.share == 1);
}

TEST_CASE("the limits and failures of a credential stay its own") {
  auto scarce = candidate("a", "two", 1.0);
  scarce.point.headroom = 0.01;
  scarce.point.failure_share = 0.5;
  std::vector<DecidedCandidate> all{candidate("a", "", 1.0), scarce};
  routing::even_out(all);
  CHECK(all[0].point.headroom == 1);
  CHECK(all[1].point.headroom == 0.01);
  CHECK(all[1].point.failure_share == 0.5);
}
