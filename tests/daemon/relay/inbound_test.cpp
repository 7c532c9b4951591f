#include "daemon/relay/inbound.h"

#include <doctest/doctest.h>

using namespace routerone;

TEST_CASE("a bearer credential comes before x-api-key, and both are offered") {
  http::RequestHead head;
  head.fields = {{"x-api-key", "two"}, {"Authorization", "bearer one"}};
  const auto credentials = credentials_of(head);
  REQUIRE(credentials.size() == 2);
  CHECK(credentials[0] == "one");
  CHECK(credentials[1] == "two");
}

TEST_CASE("an authorization of another scheme is no credential") {
  http::RequestHead head;
  head.fields = {{"authorization", "Basic Zm9v"}};
  CHECK(credentials_of(head).empty());
}

TEST_CASE("query parameters that carry credentials are taken out, the others keep their order") {
  CHECK(path_with_query("/messages", "") == "/messages");
  CHECK(path_with_query("/messages", "beta=true") == "/messages?beta=true");
  CHECK(path_with_query("/m", "a=1&key=secret&b=2&API_KEY=x") == "/m?a=1&b=2");
  CHECK(path_with_query("/m", "key=secret") == "/m");
}

TEST_CASE("a key is also taken from its other header and from the query, after all headers") {
  http::RequestHead head;
  head.fields = {{"X-Goog-Api-Key", "two"}, {"authorization", "Bearer one"}};
  head.query = "alt=sse&key=three&key&keys=four";
  CHECK(credentials_of(head) == std::vector<std::string_view>{"one", "two", "three"});
}

TEST_CASE("a credential in the query is taken out however its name is written") {
  CHECK(path_with_query("/m", "%6Bey=secret&alt=sse") == "/m?alt=sse");
  CHECK(path_with_query("/m", "access%5ftoken=secret") == "/m");
}
