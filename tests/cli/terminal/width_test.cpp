#include "cli/terminal/width.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

TEST_CASE("wide and combining characters count as the columns they take") {
  CHECK(shown_width("abc") == 3);
  CHECK(shown_width("\u65e5\u672c") == 4);
  CHECK(shown_width("e\u0301") == 1);
  CHECK(shown_width("\U0001f600") == 2);
  CHECK(shown_width("\u2705\ufe0f") == 2);
  CHECK(shown_width("\u0905\u0902") == 1);
  CHECK(shown_width("\u2581\u2588") == 2);
}

TEST_CASE("what is cut never takes more columns than there are, and says that it was cut") {
  CHECK(cut_to("abcdef", 6) == "abcdef");
  CHECK(cut_to("abcdef", 5) == "abcd~");
  CHECK(cut_to("\u65e5\u672c\u8a9e", 4) == "\u65e5~");
  CHECK(cut_to("abc", 0).empty());
  const bool held = rc::check("any text, any width", [](const std::string& any) {
    const std::string text = printable(any, 1'000);
    const auto most = static_cast<std::size_t>(*rc::gen::inRange(1, 40));
    const std::string cut = cut_to(text, most);
    RC_ASSERT(shown_width(cut) <= most);
    RC_ASSERT(cut == text || cut.ends_with('~'));
  });
  CHECK(held);
}

}  // namespace
}  // namespace routerone::cli
