#include "daemon/dialect/strict_schema.h"

#include <doctest/doctest.h>

#include <string>

using routerone::dialect::is_strict_schema;

TEST_CASE("strict takes closed objects that want all their properties, however deep") {
  CHECK(is_strict_schema(R"({"type":"object","properties":{},"additionalProperties":false})"));
  CHECK(is_strict_schema(
      R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"b":{"type":["string","null"]}},"required":["b"],"additionalProperties":false}}},"required":["a"],"additionalProperties":false})"));
}

TEST_CASE("strict refuses what is open, optional or of another kind") {
  CHECK_FALSE(is_strict_schema(""));
  CHECK_FALSE(is_strict_schema("{}"));
  CHECK_FALSE(is_strict_schema(R"({"type":"string"})"));
  CHECK_FALSE(is_strict_schema(R"({"type":"object","properties":{}})"));
  CHECK_FALSE(is_strict_schema(R"({"type":"object","properties":{},"additionalProperties":true})"));
  CHECK_FALSE(is_strict_schema(
      R"({"type":"object","properties":{"a":{},"b":{}},"required":["a"],"additionalProperties":false})"));
  CHECK_FALSE(
      is_strict_schema(R"({"type":"object","properties":{"a":{}},"additionalProperties":false})"));
}

TEST_CASE("strict looks into lists, alternatives and definitions") {
  const auto holding = [](const std::string& member) {
    return is_strict_schema(R"({"type":"object","properties":{},"additionalProperties":false,)" +
                            member + "}");
  };
  const std::string open = R"({"type":"object","properties":{"x":{}}})";
  CHECK(holding(R"("$defs":{"a":{"type":"string"}})"));
  CHECK_FALSE(holding(R"("$defs":{"a":)" + open + "}"));
  CHECK_FALSE(holding(R"("anyOf":[{"type":"null"},)" + open + "]"));
  CHECK_FALSE(holding(R"("items":)" + open));
  CHECK_FALSE(holding(R"("oneOf":[{"type":"null"}])"));
}
