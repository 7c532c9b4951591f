#include "daemon/routing/health.h"

#include <doctest/doctest.h>

#include "tests/support/manual_clock.h"

using namespace routerone;
using namespace std::chrono_literals;
using routing::Breaker;
using routing::Health;
using routing::Sample;
using routing::Seconds;

namespace {

struct Watched {
  test::ManualClock clock;
  Health health{clock};

  void serve(double first_byte, const std::string& target = "a/m") {
    const auto began = health.begin(target);
    REQUIRE(began);
    health.ended(target, *began, FailureClass::none, {}, {.first_byte = Seconds(first_byte)});
  }
  void fail(FailureClass how = FailureClass::server_error, const std::string& target = "a/m") {
    const auto began = health.begin(target);
    REQUIRE(began);
    health.ended(target, *began, how, {}, {.failed = true});
  }
};

}  // namespace

TEST_CASE("a target that was never asked is closed, unmeasured and worth a trial") {
  const Watched one;
  const auto view = one.health.view("a/m");
  CHECK(view.state == Breaker::State::closed);
  CHECK_FALSE(view.measured);
  CHECK(view.stale);
}

TEST_CASE("three answers measure a target, and the newest counts more the longer it was silent") {
  Watched one;
  for (const double seconds : {1.0, 2.0, 3.0}) one.serve(seconds);
  auto view = one.health.view("a/m");
  CHECK(view.measured);
  CHECK(view.first_byte->count() == doctest::Approx(2));
  one.clock.advance(1h);
  one.serve(12);
  view = one.health.view("a/m");
  CHECK(view.first_byte->count() == doctest::Approx(2 + 0.3 * 10));
}

TEST_CASE("failures are forgiven with time and count while they go on") {
  Watched one;
  one.serve(1);
  one.fail();
  CHECK(one.health.view("a/m").failure_share == doctest::Approx(0.5));
  one.clock.advance(8s);
  CHECK(one.health.view("a/m").failure_share == doctest::Approx(0.25));
}

TEST_CASE("while a probe is out nobody else may go there") {
  Watched one;
  for (int i = 0; i < 3; ++i) one.fail();
  one.clock.advance(1s);
  const auto probe = one.health.begin("a/m");
  REQUIRE(probe);
  CHECK_FALSE(one.health.begin("a/m"));
  CHECK(one.health.view("a/m").probing);
  one.health.ended("a/m", *probe, FailureClass::cancelled, {}, {});
  CHECK(one.health.begin("a/m"));
}

TEST_CASE("a target that said when to come back is not asked before") {
  Watched one;
  const auto began = one.health.begin("a/m");
  one.health.ended("a/m", *began, FailureClass::rate_limited, 30s, {.failed = true});
  CHECK_FALSE(one.health.begin("a/m"));
  one.clock.advance(30s);
  CHECK(one.health.begin("a/m"));
}

TEST_CASE(
    "what is the caller's own fault tells that the target is well, and nothing of its speed") {
  Watched one;
  one.fail();
  one.fail();
  one.fail(FailureClass::caller_fault);
  one.fail();
  const auto view = one.health.view("a/m");
  CHECK(view.state == Breaker::State::closed);
  CHECK_FALSE(view.first_byte);
}

TEST_CASE("requests under way are counted, and a reset forgets one provider") {
  Watched one;
  const auto began = one.health.begin("a/m");
  CHECK(one.health.view("a/m").in_flight == 1);
  one.serve(1, "ab/m");
  one.health.reset("a");
  CHECK(one.health.view("a/m").in_flight == 0);
  CHECK_FALSE(one.health.view("ab/m").first_byte == std::nullopt);
  one.health.ended("a/m", *began, FailureClass::none, {}, {});  // harmless
  CHECK(one.health.view("a/m").in_flight == 0);
}

TEST_CASE("where there is nobody else, a target that is away is asked all the same") {
  Watched one;
  const auto began = one.health.begin("a/m");
  one.health.ended("a/m", *began, FailureClass::rate_limited, 30s, {.failed = true});
  CHECK_FALSE(one.health.begin("a/m"));
  CHECK(one.health.begin("a/m", true));
}

TEST_CASE("what is known of a provider is told by target, its other credentials' among them") {
  Watched world;
  for (const char* target : {"a/m", "a#two/m", "a#two/n/x", "ab/m", "b/a/m"}) {
    world.fail(FailureClass::credential_refused, target);
  }
  const auto names = [&world](std::string_view provider) {
    std::string text;
    for (const auto& [name, view] : world.health.of_provider(provider)) {
      CHECK(view.why == FailureClass::credential_refused);
      text += name + " ";
    }
    return text;
  };
  CHECK(names("a") == "a#two/m a#two/n/x a/m ");
  CHECK(names("a#two") == "a#two/m a#two/n/x ");
  CHECK(names("c").empty());

  SUBCASE("and forgotten together") {
    world.health.reset("a");
    CHECK(names("a").empty());
    CHECK(names("ab") == "ab/m ");
    CHECK(names("b") == "b/a/m ");
  }
  SUBCASE("or those of one credential alone") {
    world.health.reset("a#two");
    CHECK(names("a") == "a/m ");
  }
}

TEST_CASE("the output of requests is remembered as a mean") {
  Watched one;
  for (const double tokens : {100.0, 300.0}) {
    const auto began = one.health.begin("a/m");
    one.health.ended("a/m", *began, FailureClass::none, {}, {.output_tokens = tokens});
  }
  CHECK(one.health.view("a/m").output_tokens == 200);
  CHECK_FALSE(one.health.view("b/m").output_tokens);
}

TEST_CASE("what a provider said of its limits is believed for a minute") {
  Watched one;
  one.health.set_headroom("a/m", 0.05);
  CHECK(one.health.view("a/m").headroom == 0.05);
  one.clock.advance(1min);
  CHECK(one.health.view("a/m").headroom == 1);
}

TEST_CASE("of too many targets, those not asked for longest are forgotten, none that is at work") {
  test::ManualClock clock;
  Health health(clock, 100);
  REQUIRE(health.begin("a/at work"));
  for (int i = 0; i < 1000; ++i) {
    clock.advance(1s);
    const std::string target = "a/" + std::to_string(i);
    const auto began = health.begin(target);
    health.ended(target, *began, FailureClass::none, {}, {});
    CHECK(health.of_provider("a").size() <= 100);
  }
  CHECK(health.view("a/at work").in_flight == 1);
  CHECK_FALSE(health.view("a/999").stale);
}

TEST_CASE("whole answers measure a target too, short ones hardly its time for a token") {
  Watched one;
  const auto answer = [&one](double per_token, double tokens) {
    const auto began = one.health.begin("a/m");
    one.health.ended("a/m", *began, FailureClass::none, {},
                     {.per_token = Seconds(per_token), .output_tokens = tokens});
  };
  for (int i = 0; i < 60; ++i) answer(0.02, 500);
  CHECK(one.health.view("a/m").measured);
  CHECK_FALSE(one.health.view("a/m").first_byte);
  answer(1, 5);
  CHECK(one.health.view("a/m").per_token->count() == doctest::Approx(0.02).epsilon(0.05));
}

TEST_CASE("of a name as long as a request no more is kept than tells targets apart") {
  Watched one;
  const std::string target = "a/" + std::string(1 << 20, 'm');
  for (int i = 0; i < 3; ++i) one.fail(FailureClass::server_error, target);
  CHECK(one.health.view(target).state == Breaker::State::open);
  CHECK(one.health.view(std::vector<std::string_view>{target}).front().state ==
        Breaker::State::open);
  one.health.set_headroom(target, 0.5);
  CHECK(one.health.view(target).headroom == 0.5);
  const auto kept = one.health.save();
  REQUIRE(kept.size() == 1);
  CHECK(kept.front().target.size() <= 256);
}
