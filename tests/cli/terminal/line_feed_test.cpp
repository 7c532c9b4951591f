#include "cli/terminal/line_feed.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone::cli {
namespace {

using Lines = std::vector<std::string>;

TEST_CASE("lines come out whole and in their order, however they were cut") {
  LineQueue queue(10);
  for (const char* part : {"on", "e\ntwo\nth", "", "ree", "\n", "no end"}) queue.feed(part);
  CHECK(queue.take(2).lines == Lines{"one", "two"});
  CHECK_FALSE(queue.empty());
  CHECK(queue.take(2).lines == Lines{"three"});
  CHECK(queue.empty());
}

TEST_CASE("of too many lines the latest are kept, and the others counted once") {
  LineQueue queue(3);
  for (int i = 1; i <= 10; ++i) queue.feed(std::to_string(i) + "\n");
  const auto taken = queue.take(2);
  CHECK(taken.skipped == 7);
  CHECK(taken.lines == Lines{"8", "9"});
  const auto rest = queue.take(10);
  CHECK(rest.skipped == 0);
  CHECK(rest.lines == Lines{"10"});
}

TEST_CASE("a line without an end does not grow for ever, and is counted as skipped") {
  LineQueue queue(10);
  const std::string part(1 << 16, 'x');
  for (int i = 0; i < 64; ++i) queue.feed(part);
  queue.feed("\nnext\n");
  const auto taken = queue.take(10);
  CHECK(taken.skipped == 1);
  CHECK(taken.lines == Lines{"next"});
}

TEST_CASE("no line is lost without being counted") {
  rc::check([](std::vector<std::uint8_t> sizes) {
    LineQueue queue(20);
    std::size_t given = 0, seen = 0;
    for (const std::uint8_t size : sizes) {
      for (int i = 0; i < size; ++i, ++given) queue.feed("line\n");
      const auto taken = queue.take(size % 16);
      seen += taken.skipped + taken.lines.size();
    }
    const auto rest = queue.take(1'000);
    RC_ASSERT(seen + rest.skipped + rest.lines.size() == given);
  });
}

}  // namespace
}  // namespace routerone::cli
