#include "common/platform/memory.h"

#include <doctest/doctest.h>

#include <vector>

namespace routerone {
namespace {

#ifdef __linux__
TEST_CASE("memory that is used shows") {
  const auto before = resident_memory();
  REQUIRE(before);
  constexpr std::size_t much = 64 << 20;
  std::vector<char> used(much, 'x');
  const auto after = resident_memory();
  REQUIRE(after);
  CHECK(used.back() == 'x');
  CHECK(*after > *before + much / 2);
}
#endif

}  // namespace
}  // namespace routerone
