#include "daemon/listener/query.h"

#include <doctest/doctest.h>

using namespace routerone;

TEST_CASE("a parameter is found by its whole name, the first of two") {
  CHECK(query_parameter("id=a&id=b", "id") == "a");
  CHECK(query_parameter("xid=1&id=%31%3D&y", "id") == "1=");
  CHECK(query_parameter("id=", "id") == "");
  CHECK(query_parameter("id", "id") == "");
  CHECK_FALSE(query_parameter("", "id"));
  CHECK_FALSE(query_parameter("idx=1", "id"));
}
