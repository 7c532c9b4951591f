#include "daemon/tokens/estimate.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone {
namespace {

TEST_CASE("an estimate is whole tokens, never fewer than one for some bytes") {
  CHECK(tokens::estimate(0, 0, false).input == 0);
  CHECK(tokens::estimate(0, 0, true).output == 0);
  CHECK(tokens::estimate(1, 1, false).input == 1);
  CHECK(tokens::estimate(1, 1, false).output == 1);
  CHECK(tokens::estimate(4, 4, false).output == 1);
  CHECK(tokens::estimate(5, 5, false).output == 2);
  CHECK(tokens::estimate(0, 64, true).output == 1);
  CHECK(tokens::estimate(0, 65, true).output == 2);
}

TEST_CASE("an estimate is of known usage and says nothing of classes it cannot see") {
  const Usage usage = tokens::estimate(100, 200, true);
  CHECK(usage.known());
  CHECK_FALSE(usage.cache_read);
  CHECK_FALSE(usage.reasoning);
  CHECK_FALSE(usage.stated_cost);
}

TEST_CASE("more bytes are never estimated as fewer tokens") {
  CHECK(rc::check([](std::uint32_t request, std::uint32_t answer, std::uint16_t more, bool stream) {
    const Usage less = tokens::estimate(request, answer, stream);
    const Usage all =
        tokens::estimate(std::uint64_t{request} + more, std::uint64_t{answer} + more, stream);
    RC_ASSERT(*less.input <= *all.input);
    RC_ASSERT(*less.output <= *all.output);
    RC_ASSERT(*less.input >= 0);
  }));
}

}  // namespace
}  // namespace routerone
