#include "daemon/relay/attempts.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <deque>

using namespace routerone;
using namespace std::chrono_literals;

namespace {

RoutePlan plan_of(std::size_t targets) {
  static const Endpoint endpoint{};
  RoutePlan plan;
  for (std::size_t i = 0; i < targets; ++i) {
    Target target;
    target.endpoint = &endpoint;
    target.name = name_target({"", "", "", "m" + std::to_string(i)});
    plan.targets.push_back(target);
  }
  return plan;
}

/// `p#one` and the like, all of model `m` unless another stands behind a slash.
struct Accounts {
  std::deque<Endpoint> endpoints;
  RoutePlan plan;

  explicit Accounts(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      Endpoint& endpoint = endpoints.emplace_back();
      endpoint.provider = name.substr(0, name.find('#'));
      endpoint.account = name.substr(name.find('#') + 1);
      const std::size_t slash = endpoint.account.find('/');
      Target& target = plan.targets.emplace_back();
      target.endpoint = &endpoint;
      const std::string model =
          slash == std::string::npos ? "m" : endpoint.account.substr(slash + 1);
      target.name = name_target({endpoint.provider, "", model, model});
      endpoint.account.resize(std::min(slash, endpoint.account.size()));
    }
  }
  /// Who is asked, one after the other, where each fails in that way.
  std::string tried(FailureClass how, int switches, std::vector<Standing> standings = {}) const {
    standings.resize(plan.targets.size());
    Attempts attempts(plan, standings, switches);
    std::string text;
    while (const Target* target = attempts.next()) {
      text +=
          (text.empty() ? "" : " ") + target->endpoint->provider + "#" + target->endpoint->account;
      attempts.failed(how);
    }
    return text;
  }
};

std::vector<Standing> all_ready(std::size_t targets) { return std::vector<Standing>(targets); }

}  // namespace

TEST_CASE("targets are tried in the plan's order until the switches are used up") {
  const RoutePlan plan = plan_of(5);
  Attempts attempts(plan, all_ready(5), 2);
  for (const char* name : {"m0", "m1", "m2"}) {
    REQUIRE(attempts.next() != nullptr);
    CHECK(attempts.next()->name->upstream_model == name);
    attempts.failed(FailureClass::server_error);
  }
  CHECK(attempts.next() == nullptr);
  CHECK(attempts.refusal().kind == RefusalKind::upstream_failed);
}

TEST_CASE("the caller's own fault is never tried elsewhere") {
  const RoutePlan plan = plan_of(3);
  Attempts attempts(plan, all_ready(3), 2);
  attempts.failed(FailureClass::caller_fault);
  CHECK(attempts.next() == nullptr);
}

TEST_CASE("a cooling target is not called, and when all are cooling the earliest return is told") {
  const RoutePlan plan = plan_of(2);
  const Standing cool_long{Standing::Kind::cooling, FailureClass::rate_limited, 40s};
  const Standing cool_short{Standing::Kind::cooling, FailureClass::rate_limited, 7s};
  Attempts attempts(plan, {cool_long, cool_short}, 2);
  CHECK(attempts.next() == nullptr);
  CHECK(attempts.refusal().kind == RefusalKind::upstream_rate_limited);
  CHECK(attempts.refusal().retry_after == 7s);
}

TEST_CASE("a model that no target knows is unknown, not out of order: nobody is to try again") {
  const RoutePlan plan = plan_of(2);
  Attempts attempts(plan, all_ready(2), 2);
  attempts.failed(FailureClass::model_missing);
  attempts.failed(FailureClass::model_missing);
  CHECK(attempts.refusal().kind == RefusalKind::unknown_model);

  Attempts mixed(plan, all_ready(2), 2);
  mixed.failed(FailureClass::model_missing);
  mixed.failed(FailureClass::server_error);
  CHECK(mixed.refusal().kind == RefusalKind::upstream_failed);
}

TEST_CASE("a doubtful target is tried after the others, not instead of an error") {
  const RoutePlan plan = plan_of(2);
  const Standing doubtful{Standing::Kind::last_resort, FailureClass::credential_refused, 30s};
  Attempts attempts(plan, {doubtful, Standing{}}, 2);
  CHECK(attempts.next()->name->upstream_model == "m1");
  CHECK(attempts.primary_reason() == "credential_refused");
  attempts.failed(FailureClass::connect);
  CHECK(attempts.next()->name->upstream_model == "m0");
}

TEST_CASE("only when every target refused our credential is the credential blamed") {
  const RoutePlan plan = plan_of(2);
  Attempts both(plan, all_ready(2), 2);
  both.failed(FailureClass::credential_refused);
  both.failed(FailureClass::credential_refused);
  CHECK(both.refusal().kind == RefusalKind::upstream_credential);

  Attempts mixed(plan, all_ready(2), 2);
  mixed.failed(FailureClass::credential_refused);
  mixed.failed(FailureClass::timeout);
  CHECK(mixed.refusal().kind == RefusalKind::upstream_failed);
}

TEST_CASE("a credential that fails alone is no switch as long as its provider has another") {
  const Accounts world({"a#1", "a#2", "a#3", "a#4", "b#1", "c#1", "d#1"});
  for (const auto how : {FailureClass::rate_limited, FailureClass::credential_refused}) {
    CHECK(world.tried(how, 2) == "a#1 a#2 a#3 a#4 b#1 c#1");
    CHECK(world.tried(how, 0) == "a#1 a#2 a#3 a#4");
  }
  const Accounts mixed({"a#1", "b#1", "a#2", "c#1"});
  CHECK(mixed.tried(FailureClass::rate_limited, 1) == "a#1 b#1 a#2");
}

TEST_CASE("a provider that fails is not asked with its other credentials before another one is") {
  const Accounts world({"a#1", "a#2", "a#3", "b#1", "c#1"});
  CHECK(world.tried(FailureClass::server_error, 2) == "a#1 b#1 c#1");
  CHECK(world.tried(FailureClass::connect, 4) == "a#1 b#1 c#1 a#2 a#3");

  SUBCASE("but before another model") {
    const Accounts chain({"a#1", "a#2", "b#1", "b#1/n"});
    CHECK(chain.tried(FailureClass::timeout, 3) == "a#1 b#1 a#2 b#1");
  }
  SUBCASE("and before any last resort") {
    const Accounts doubted({"a#1", "a#2", "b#1"});
    const Standing doubtful{Standing::Kind::last_resort, FailureClass::server_error, 30s};
    CHECK(doubted.tried(FailureClass::timeout, 3, {{}, {}, doubtful}) == "a#1 a#2 b#1");
  }
}

TEST_CASE("whatever fails, attempts never exceed the switches and no target is tried twice") {
  CHECK(rc::check([] {
    const auto targets = *rc::gen::inRange<std::size_t>(1, 8);
    const auto switches = *rc::gen::inRange(0, 6);
    const RoutePlan plan = plan_of(targets);
    std::vector<Standing> standings(targets);
    for (Standing& standing : standings) {
      standing.kind = static_cast<Standing::Kind>(*rc::gen::inRange(0, 3));
      if (standing.kind != Standing::Kind::ready) standing.why = FailureClass::rate_limited;
    }
    Attempts attempts(plan, standings, switches);
    std::vector<const Target*> tried;
    while (const Target* target = attempts.next()) {
      RC_ASSERT(std::find(tried.begin(), tried.end(), target) == tried.end());
      RC_ASSERT(standings[static_cast<std::size_t>(target - plan.targets.data())].kind !=
                Standing::Kind::cooling);
      tried.push_back(target);
      attempts.failed(static_cast<FailureClass>(*rc::gen::inRange(1, 12)));
    }
    RC_ASSERT(tried.size() <= static_cast<std::size_t>(switches) + 1);
  }));
}
