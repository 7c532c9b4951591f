#include "daemon/dialect/part_text.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone {
namespace {

TEST_CASE("of a text told again only what was not said before is left, at any chunking") {
  CHECK(rc::check([](const std::vector<std::string>& pieces, const std::string& rest) {
    dialect::SaidText said;
    std::string whole;
    for (const std::string& piece : pieces) {
      said.add(piece);
      whole += piece;
    }
    RC_ASSERT(said.bytes() == whole.size());
    RC_ASSERT(said.rest_of(whole).empty());
    RC_ASSERT(said.rest_of(whole + rest) == rest);
  }));
}

TEST_CASE("nothing is left of another text") {
  dialect::SaidText said;
  said.add("abc");
  CHECK(said.rest_of("abX and more").empty());
  CHECK(said.rest_of("ab").empty());
}

TEST_CASE("gaps are filled with parts of the text, as strings have it") {
  CHECK(dialect::fill_gaps(R"({"a":"","b":"."})", {{6, 0, 2}, {13, 1, 99}}, "x\"y") ==
        R"({"a":"x\"","b":"\"y."})");
  CHECK(dialect::fill_gaps("{}", {}, "x") == "{}");
  CHECK(dialect::fill_gaps("{}", {{9, 9, 1}}, "x") == "{}");
}

}  // namespace
}  // namespace routerone
