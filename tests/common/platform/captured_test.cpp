#include "common/platform/captured.h"

#include <doctest/doctest.h>

namespace routerone {
namespace {

TEST_CASE("a program's code and all it printed are brought back; it gets no input") {
  const auto done = run_captured({"sh", "-c", "cat; echo out; echo err >&2; exit 3"});
  REQUIRE(done);
  CHECK(done->code == 3);
  CHECK(done->output == "out\nerr\n");
}

TEST_CASE("words reach a program as they are") {
  CHECK(run_captured({"printf", "%s|", "a b", "$(id)", ""})->output == "a b|$(id)||");
}

TEST_CASE("a program that is ended by a signal, that there is none of, or that prints too much") {
  CHECK(run_captured({"sh", "-c", "kill -9 $$"})->code == 128 + 9);
  CHECK(run_captured({"no-such-program-here"}).error().kind == ErrorKind::not_found);
  const auto much = run_captured({"head", "-c", "1000000", "/dev/zero"});
  REQUIRE(much);
  CHECK(much->code == 0);
  CHECK(much->output.size() < 100'000);
}

}  // namespace
}  // namespace routerone
