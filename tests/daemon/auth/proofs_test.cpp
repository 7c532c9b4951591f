#include "daemon/auth/proofs.h"

#include <doctest/doctest.h>

#include "tests/support/manual_clock.h"

namespace routerone::auth {
namespace {

struct World {
  routerone::test::ManualClock clock;
  SystemRandom random;
  Proofs proofs{random, clock};
};

TEST_CASE("a question that was armed is answered, once") {
  World world;
  const auto armed = world.proofs.arm();
  CHECK(armed.question != armed.answer);
  CHECK(world.proofs.redeem(armed.question) == armed.answer);
  CHECK_FALSE(world.proofs.redeem(armed.question));
}

TEST_CASE("nobody is told what was not asked for, nor by the answer") {
  World world;
  const auto armed = world.proofs.arm();
  CHECK_FALSE(world.proofs.redeem(""));
  CHECK_FALSE(world.proofs.redeem(armed.answer));
  CHECK_FALSE(world.proofs.redeem(armed.question.substr(1)));
  CHECK(world.proofs.redeem(armed.question));
}

TEST_CASE("a question grows old in ten seconds, and another does not") {
  World world;
  const auto old = world.proofs.arm();
  world.clock.advance(std::chrono::seconds(9));
  const auto young = world.proofs.arm();
  world.clock.advance(std::chrono::seconds(1));
  CHECK_FALSE(world.proofs.redeem(old.question));
  CHECK(world.proofs.redeem(young.question) == young.answer);
}

}  // namespace
}  // namespace routerone::auth
