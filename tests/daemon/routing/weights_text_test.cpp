#include "daemon/routing/weights_text.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <cmath>
#include <string>

namespace routerone::routing {
namespace {

const RouteWeights now{0.2, 0.3, 0.4};

TEST_CASE("weights are read with commas or blanks, and those not said stay") {
  CHECK(*read_weights("latency=.5,cost=0.25,quality=2", now) == RouteWeights{0.5, 0.25, 2});
  CHECK(*read_weights("  quality=1   latency=0 ", now) == RouteWeights{0, 0.3, 1});
  CHECK(*read_weights("cost=1000000", now) == RouteWeights{0.2, 1e6, 0.4});
}

TEST_CASE("a profile is read by its name alone") {
  CHECK(*read_weights("cheap", now) == RouteWeights{1, 8, 1});
  CHECK(*read_weights(" fast ", now) == RouteWeights{8, 1, 1});
  CHECK(*read_weights("best", now) == RouteWeights{1, 1, 8});
  CHECK(*read_weights("balanced", now) == RouteWeights{1, 1, 1});
  CHECK(read_weights("cheap,latency=1", now).error().message == "the profile cheap stands alone");
}

TEST_CASE("a misspelt weight or profile is named with what there is") {
  const auto signal = read_weights("latncy=1", now);
  REQUIRE_FALSE(signal);
  CHECK(signal.error().kind == ErrorKind::invalid);
  CHECK(signal.error().message == "there is no weight \"latncy\"; did you mean latency?");
  CHECK(signal.error().hint == "there are latency, cost and quality");
  CHECK(read_weights("cost", now).error().message == "cost needs a number: cost=.5");
  CHECK(read_weights("chaep", now).error().message.find("did you mean cheap?") !=
        std::string::npos);
  CHECK(read_weights("chaep", now).error().hint.find("fast, cheap, best, balanced") !=
        std::string::npos);
}

TEST_CASE("only plain decimals are numbers") {
  for (const std::string number : {"", "-1", "+1", "1e3", "nan", "inf", "0x1", "1.", ".", "1,5",
                                   "1.2.3", "1000001", "0.5x", " 1", "99999999999999999999999"}) {
    CAPTURE(number);
    CHECK_FALSE(read_weights("latency=" + number, now));
  }
}

TEST_CASE("nothing, a weight said twice and weights that are all nothing are refused") {
  CHECK_FALSE(read_weights("", now));
  CHECK_FALSE(read_weights(" , ", now));
  CHECK_FALSE(read_weights("cost=1 cost=2", now));
  CHECK_FALSE(read_weights("latency=0,cost=0,quality=0", now));
  CHECK_FALSE(read_weights("cost=0", {0, 1, 0}));
  CHECK(read_weights("cost=0", {0, 1, 1}));
}

TEST_CASE("a quality is a plain decimal from 0 to 1") {
  CHECK(*read_quality(".9") == 0.9);
  CHECK(*read_quality("0") == 0);
  CHECK(*read_quality("1") == 1);
  for (const char* text : {"", "1.1", "-0.1", "90%", "1e-1", "good", "0,9"}) {
    CAPTURE(text);
    CHECK_FALSE(read_quality(text));
  }
}

TEST_CASE("whatever is written, what is read is sound") {
  rc::check([] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("latencyqu=.0159,- efshp\n\x1b")));
    const auto weights = read_weights(text, now);
    if (!weights) {
      RC_ASSERT(!weights.error().hint.empty());
      RC_ASSERT(weights.error().message.find('\x1b') == std::string::npos);
      return;
    }
    for (const double one : {weights->latency, weights->cost, weights->quality})
      RC_ASSERT(std::isfinite(one) && one >= 0 && one <= 1e6);
  });
}

TEST_CASE("thousandths are read as they were written") {
  rc::check([] {
    const int thousandths = *rc::gen::inRange(1, 1'000'000);
    const auto weights =
        read_weights(fmt::format("cost={}.{:03}", thousandths / 1000, thousandths % 1000), now);
    RC_ASSERT(weights.has_value());
    RC_ASSERT(std::abs(weights->cost - thousandths / 1000.0) < 1e-9);
  });
}

}  // namespace
}  // namespace routerone::routing
