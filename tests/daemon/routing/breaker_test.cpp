#include "daemon/routing/breaker.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace routerone;
using namespace std::chrono_literals;
using routing::Breaker;
using State = Breaker::State;

namespace {

constexpr SteadyTime start{1h};

struct Played {
  Breaker breaker;
  SteadyTime now = start;

  void fail(FailureClass how = FailureClass::server_error,
            std::optional<std::chrono::seconds> retry_after = {}) {
    breaker.failed(now, now, how, retry_after);
  }
  void serve() { breaker.succeeded(now, now); }
  State state() const { return breaker.state(now); }
};

Played opened() {
  Played one;
  for (int i = 0; i < 3; ++i) one.fail();
  return one;
}

}  // namespace

TEST_CASE("three failures in a row open it, two with a success between do not") {
  Played one;
  one.fail();
  one.fail();
  one.serve();
  one.fail();
  one.fail();
  CHECK(one.state() == State::closed);
  one.fail();
  CHECK(one.state() == State::open);
  CHECK(one.breaker.why() == FailureClass::server_error);
  CHECK(one.breaker.since() == one.now);
}

TEST_CASE("a long answer that began before the failures does not speak against them") {
  Played one;
  const SteadyTime before = one.now;
  one.now += 1s;
  one.fail();
  one.fail();
  one.breaker.succeeded(one.now, before);
  CHECK(one.state() == State::closed);
  one.fail();
  CHECK(one.state() == State::open);
}

TEST_CASE("half of ten in ten seconds open it, whatever the order") {
  Played one;
  for (int i = 0; i < 9; ++i) {
    i % 2 == 0 ? one.fail() : one.serve();
    one.now += 500ms;
  }
  CHECK(one.state() == State::closed);
  SUBCASE("the tenth within the time") {
    one.fail();
    CHECK(one.state() == State::open);
  }
  SUBCASE("the tenth when the first are forgotten") {
    one.now += 9s;
    one.fail();
    CHECK(one.state() == State::closed);
  }
}

TEST_CASE("an open one lets one probe through when its pause is over") {
  Played one = opened();
  CHECK_FALSE(one.breaker.claim_probe(one.now));
  one.now += 1s;
  CHECK(one.state() == State::half_open);
  CHECK(one.breaker.claim_probe(one.now));
  CHECK_FALSE(one.breaker.claim_probe(one.now));
  SUBCASE("a success closes it") {
    one.serve();
    CHECK(one.state() == State::closed);
  }
  SUBCASE("a caller that left gives the probe back") {
    one.breaker.left(one.now);
    CHECK(one.state() == State::half_open);
    CHECK(one.breaker.claim_probe(one.now));
  }
  SUBCASE("a failure makes the next pause twice as long, up to ten seconds") {
    for (const auto pause : {2s, 4s, 8s, 10s, 10s}) {
      one.fail();
      CHECK(one.breaker.until() == one.now + pause);
      one.now += pause;
      CHECK(one.breaker.claim_probe(one.now));
    }
  }
}

TEST_CASE("what began before it opened changes nothing, however it ends") {
  Played one;
  const SteadyTime earlier = one.now;
  one.now += 5s;
  for (int i = 0; i < 3; ++i) one.fail();
  const SteadyTime until = one.breaker.until();
  one.breaker.succeeded(one.now, earlier);
  CHECK(one.state() == State::open);
  one.now += 1s;
  REQUIRE(one.breaker.claim_probe(one.now));
  one.breaker.failed(one.now, earlier, FailureClass::timeout, {});
  CHECK(one.breaker.until() == until);
  CHECK_FALSE(one.breaker.claim_probe(one.now));  // the probe is still out
}

TEST_CASE("a provider that says when to come back is believed, up to an hour") {
  Played one;
  one.fail(FailureClass::rate_limited, 90s);
  CHECK(one.breaker.until() == one.now + 90s);
  CHECK(one.breaker.told());
  one.fail(FailureClass::rate_limited, 24h);
  CHECK(one.breaker.until() == one.now + 1h);
}

TEST_CASE("a 429 without a word opens it too, for a moment") {
  Played one;
  one.fail(FailureClass::rate_limited);
  CHECK(one.state() == State::open);
  CHECK(one.breaker.until() == one.now + 1s);
  CHECK_FALSE(one.breaker.told());
}

TEST_CASE("a refused credential or a missing model is left alone for a minute") {
  for (const auto how : {FailureClass::credential_refused, FailureClass::model_missing}) {
    Played one;
    one.fail(how);
    CHECK(one.breaker.until() == one.now + 60s);
  }
}

TEST_CASE("the pauses start anew after a minute of good service, not before") {
  Played one = opened();
  one.now += 1s;
  one.fail();
  one.now += 2s;
  one.serve();
  SUBCASE("soon") {
    one.now += 10s;
    for (int i = 0; i < 3; ++i) one.fail();
    CHECK(one.breaker.until() == one.now + 4s);
  }
  SUBCASE("later") {
    one.now += 60s;
    for (int i = 0; i < 3; ++i) one.fail();
    CHECK(one.breaker.until() == one.now + 1s);
  }
}

TEST_CASE("whatever happens, at most one probe is out and an open one is asked again in time") {
  rc::check([](const std::vector<std::uint8_t>& steps) {
    Played one;
    std::optional<SteadyTime> probe;
    for (const std::uint8_t step : steps) {
      switch (step % 5) {
        case 0:
          one.now += std::chrono::milliseconds(step * 20);
          break;
        case 1:
          if (one.breaker.claim_probe(one.now)) {
            RC_ASSERT(!probe);
            probe = one.now;
          }
          break;
        case 2:
          if (probe) one.breaker.succeeded(one.now, *std::exchange(probe, std::nullopt));
          break;
        case 3:
          if (probe) {
            one.breaker.failed(one.now, *std::exchange(probe, std::nullopt), FailureClass::cut, {});
          }
          break;
        default:
          if (one.state() == State::closed) one.fail();
      }
      RC_ASSERT(one.state() != State::open || one.breaker.until() - one.now <= 10s);
    }
  });
}
