#include "common/platform/environment.h"

#include <doctest/doctest.h>

#include "tests/support/variable.h"

using namespace routerone;

TEST_CASE("the environment is what this process was given, values with an equals sign too") {
  const test::Variable variable("ROUTERONE_TEST_PAIR", "a=b");
  CHECK(environment_of_process().at("ROUTERONE_TEST_PAIR") == "a=b");
}

TEST_CASE("the home is where HOME says, else where the system says") {
  CHECK(home_of({{"HOME", "/somewhere"}}) == "/somewhere");
  CHECK(home_of({}).is_absolute());
  CHECK(home_of({{"HOME", ""}}) == home_of({}));
}
