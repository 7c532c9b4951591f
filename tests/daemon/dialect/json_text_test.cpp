#include "daemon/dialect/json_text.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "daemon/dialect/dom.h"
#include "tests/daemon/dialect/json_properties.h"

namespace routerone {
namespace {

using dialect::Dom;

std::string again(std::string_view json) {
  const Dom document(json);
  REQUIRE(document.ok());
  return dialect::json_text(document.root());
}

TEST_CASE("numbers stay as they were written, with what is around them") {
  for (const std::string json :
       {R"({"a":1.50,"b":[1e3,-0,-0.0,0,7],"c":{"d":12345678901234567890123,"e":1e400}})", "1.0",
        R"(["1.50 \" 2.0 \\",1.50,"-0",-0,"",1E+2])"}) {
    CHECK(again(json) == json);
  }
}

TEST_CASE("a value inside a tree is spelled as it stands there, and trees do not mix") {
  const std::string first = R"({"x":1.10,"in":{"y":2.20,"z":["3.3",3.30]}})";
  const Dom outer(first);
  const std::string second = R"({"x":9.90})";
  const Dom inner(second);
  CHECK(dialect::json_text(*dialect::member(outer.root(), "in")) ==
        R"({"y":2.20,"z":["3.3",3.30]})");
  CHECK(dialect::json_text(inner.root()) == second);
}

TEST_CASE("a text that had to be mended keeps its numbers") {
  CHECK(again("{\"a\":\"\xff\",\"b\":1.50,\"c\":99999999999999999999}") ==
        "{\"a\":\"\xef\xbf\xbd\",\"b\":1.50,\"c\":99999999999999999999}");
}

TEST_CASE("any number survives, wherever it stands") {
  CHECK(rc::check([] {
    std::string json = "[";
    for (int more = *rc::gen::inRange(0, 6); more > 0; --more) {
      json += *rc::gen::element<std::string>("\"1.5\"", "{\"k\":" + test::any_number() + "}",
                                             "null", test::any_number(), "[]", "\"\\\"\"");
      json += ',';
    }
    json += test::any_number() + "]";
    RC_ASSERT(again(json) == json);
  }));
}

}  // namespace
}  // namespace routerone
