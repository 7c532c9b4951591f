#include "daemon/relay/cooling.h"

#include <doctest/doctest.h>

#include "tests/support/manual_clock.h"

using namespace routerone;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  test::ManualClock clock;
  Cooling cooling{clock};
  Endpoint endpoint;
  RoutePlan plan;

  Fixture() {
    endpoint.provider = "p";
    plan.targets.resize(1);
    plan.targets[0].endpoint = &endpoint;
    plan.targets[0].upstream_model = "m";
  }
  Standing standing() const { return cooling.standings(plan).front(); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a rate-limited target cools exactly as long as it was told") {
  cooling.note_failure(plan.targets[0], FailureClass::rate_limited, 20s);
  CHECK(standing().kind == Standing::Kind::cooling);
  clock.advance(19s);
  CHECK(standing().left == 1s);
  clock.advance(1s);
  CHECK(standing().kind == Standing::Kind::ready);
}

TEST_CASE_FIXTURE(Fixture, "no Retry-After keeps a target away for more than an hour") {
  cooling.note_failure(plan.targets[0], FailureClass::rate_limited, 99999999s);
  clock.advance(3599s);
  CHECK(standing().kind == Standing::Kind::cooling);
  clock.advance(1s);
  CHECK(standing().kind == Standing::Kind::ready);
}

TEST_CASE_FIXTURE(Fixture, "a refused credential makes doubtful, and a success forgives") {
  cooling.note_failure(plan.targets[0], FailureClass::credential_refused, {});
  CHECK(standing().kind == Standing::Kind::doubtful);
  cooling.note_success(plan.targets[0]);
  CHECK(standing().kind == Standing::Kind::ready);
}

TEST_CASE_FIXTURE(Fixture, "failures that say nothing about the next try mark nothing") {
  for (const auto how : {FailureClass::server_error, FailureClass::timeout, FailureClass::connect,
                         FailureClass::caller_fault, FailureClass::cut}) {
    cooling.note_failure(plan.targets[0], how, {});
  }
  CHECK(standing().kind == Standing::Kind::ready);
}
