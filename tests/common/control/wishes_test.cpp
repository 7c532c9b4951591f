#include "common/control/wishes.h"

#include <doctest/doctest.h>

#include "common/json/json.h"

namespace routerone::control {
namespace {

TEST_CASE("what was not said stays unsaid across the wire") {
  KeyWish wish;
  wish.name = "ci";
  const auto got = read<KeyWish>(to_json(wish));
  REQUIRE(got);
  CHECK(got->name == "ci");
  CHECK_FALSE(got->models);
  CHECK_FALSE(got->providers);
  CHECK_FALSE(got->expires);
}

TEST_CASE("a list said to be empty is not a list that was not said") {
  KeyWish wish{"ci", {}, Strings{}, Strings{"openai"}, "30d"};
  const auto got = read<KeyWish>(to_json(wish));
  REQUIRE(got);
  REQUIRE(got->models);
  CHECK(got->models->empty());
  CHECK(*got->providers == Strings{"openai"});
  CHECK(*got->expires == "30d");
}

TEST_CASE("a provider's wish crosses whole, with headers in order") {
  ProviderWish wish;
  wish.id = "mybox";
  wish.base_url = "http://127.0.0.1:8080/v1";
  wish.headers = Pairs{{"x-b", "2"}, {"x-a", "1"}, {"x-b", "3"}};
  wish.variables = {{"REGION", "eu"}};
  wish.priority = -3;
  wish.weight = 7;
  wish.key.emplace("sk-test");
  wish.enabled = false;
  const auto got = read<ProviderWish>(to_json(wish));
  REQUIRE(got);
  CHECK(*got->headers == *wish.headers);
  CHECK(got->variables == wish.variables);
  CHECK(*got->priority == -3);
  CHECK(*got->weight == 7);
  CHECK(got->key->reveal() == "sk-test");
  CHECK(*got->enabled == false);
  CHECK_FALSE(got->dialect);
}

TEST_CASE("a wish this side does not know is refused, not passed over") {
  CHECK_FALSE(read<KeyWish>(Json{{"name", "ci"}, {"max_spend", "2"}}));
  CHECK_FALSE(read<KeyWish>(Json{{"name", 7}}));
  CHECK_FALSE(read<KeyWish>(Json{{"name", "ci"}, {"models", Json::array({"a", 1})}}));
  CHECK_FALSE(read<KeyWish>(Json::array()));
  CHECK_FALSE(read<ProviderWish>(Json{{"id", "x"}, {"weight", 99'999'999'999}}));
  CHECK_FALSE(read<ProviderWish>(Json{{"id", "x"}, {"headers", Json::array({"a"})}}));
}

TEST_CASE("a tail that has not begun has no cursor") {
  const auto fresh = read<TailWish>(to_json(TailWish{}));
  REQUIRE(fresh);
  CHECK_FALSE(fresh->after);
  TailWish later;
  later.after = 41;
  later.terms = {"status>=500"};
  const auto got = read<TailWish>(to_json(later));
  REQUIRE(got);
  CHECK(*got->after == 41);
  CHECK(got->terms == Strings{"status>=500"});
}

}  // namespace
}  // namespace routerone::control
