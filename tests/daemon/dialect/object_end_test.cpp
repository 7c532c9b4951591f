#include "daemon/dialect/object_end.h"

#include <doctest/doctest.h>

#include <string>

namespace routerone {
namespace {

bool is_whole(std::string_view text) {
  dialect::ObjectEnd end;
  for (const char c : text) end.feed(std::string_view(&c, 1));
  return end.is_whole();
}

TEST_CASE("an object is whole at its last brace, blanks around it aside") {
  const std::string json = R"( {"a":[1,{"b":"}\"]"}],"c":"\\"} )";
  for (std::size_t size = 0; size + 1 < json.size(); ++size) {
    CHECK_FALSE(is_whole(json.substr(0, size)));
  }
  CHECK(is_whole(json.substr(0, json.size() - 1)));
  CHECK(is_whole(json));
  CHECK(is_whole("{}"));
  CHECK_FALSE(is_whole("{}{"));
  CHECK_FALSE(is_whole("[]"));
  CHECK_FALSE(is_whole(""));
}

}  // namespace
}  // namespace routerone
