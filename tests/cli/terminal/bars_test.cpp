#include "cli/terminal/bars.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <stdlib.h>

#include "cli/terminal/width.h"

namespace routerone::cli {
namespace {

TEST_CASE("a bar is as long as its share, and always as wide as it was asked for") {
  CHECK(bar(0, 4, true) == "    ");
  CHECK(bar(0.5, 4, true) == "██  ");
  CHECK(bar(1, 4, true) == "████");
  CHECK(bar(0.53125, 4, true) == "██▏ ");
  CHECK(bar(0.0001, 4, true) == "▏   ");
  CHECK(bar(0.5, 4, false) == "##  ");
  CHECK(bar(0.0001, 4, false) == "#   ");
  const bool held = rc::check("any share, any width", [] {
    const auto share = *rc::gen::arbitrary<double>();
    const auto width = static_cast<std::size_t>(*rc::gen::inRange(1, 50));
    for (const bool blocks : {true, false})
      RC_ASSERT(shown_width(bar(share, width, blocks)) == width);
  });
  CHECK(held);
}

TEST_CASE("a sparkline has a column a value, and little is told from nothing") {
  const std::vector<std::int64_t> values = {0, 1, 500, 1'000};
  CHECK(sparkline(values, true) == "▁▂▅█");
  CHECK(sparkline(values, false) == "_.=#");
  CHECK(sparkline(std::vector<std::int64_t>{0, 0}, true) == "▁▁");
  CHECK(sparkline({}, true).empty());
  const bool held = rc::check("any values", [](const std::vector<std::int64_t>& any) {
    for (const bool blocks : {true, false})
      RC_ASSERT(shown_width(sparkline(any, blocks)) == any.size());
  });
  CHECK(held);
}

TEST_CASE("blocks are drawn where the terminal and the locale know them") {
  const auto drawn = [](const char* term, const char* locale) {
    ::setenv("TERM", term, 1);
    ::setenv("LC_ALL", locale, 1);
    const bool blocks = can_draw_blocks();
    ::unsetenv("TERM");
    ::unsetenv("LC_ALL");
    return blocks;
  };
  CHECK(drawn("xterm", "de_DE.UTF-8"));
  CHECK(drawn("xterm", "C.utf8"));
  CHECK_FALSE(drawn("xterm", "C"));
  CHECK_FALSE(drawn("xterm", "de_DE.ISO-8859-1"));
  CHECK_FALSE(drawn("dumb", "C.UTF-8"));
}

}  // namespace
}  // namespace routerone::cli
