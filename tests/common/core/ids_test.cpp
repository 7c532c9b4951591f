#include "common/core/ids.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "common/core/secret.h"

using namespace routerone;

namespace {
struct AllOnes final : Random {
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), 0xff); }
};
struct AllZeros final : Random {
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), 0); }
};
}  // namespace

TEST_CASE("an id has the form, version and variant of a UUIDv7") {
  AllOnes random;
  CHECK(make_uuid_v7(wall_from_micros(0x0193'0000'0000 * 1000LL), random) ==
        "01930000-0000-7000-bfff-ffffffffffff");
}

TEST_CASE("ids sort by the time of their making, whatever the random bits") {
  CHECK(rc::check([] {
    const auto micros = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000);
    const auto later = micros + *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    AllOnes high;
    AllZeros low;
    RC_ASSERT(make_uuid_v7(wall_from_micros(micros), high) <
              make_uuid_v7(wall_from_micros(later), low));
  }));
}

TEST_CASE("ids of one instant differ") {
  SystemRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(make_uuid_v7(wall_from_micros(1'000'000), random));
  CHECK(ids.size() == 1000);
}

TEST_CASE("random bytes of any length are all filled") {
  SystemRandom random;
  std::vector<std::uint8_t> bytes(4096, 0);
  random.fill(bytes);
  CHECK(std::count(bytes.begin(), bytes.end(), 0) < 100);
  random.fill({});
}

TEST_CASE("a secret moved away leaves nothing behind") {
  Secret first(std::string(100, 'k'));
  Secret second(std::move(first));
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  CHECK(second.reveal() == std::string(100, 'k'));
  Secret third(std::string("short"));
  third = std::move(second);
  CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
  CHECK(third.reveal().size() == 100);
}
