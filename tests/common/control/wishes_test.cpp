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
  CHECK_FALSE(got->limits.models);
  CHECK_FALSE(got->limits.spend.max_spend);
  CHECK_FALSE(got->limits.expires);
  CHECK(to_json(wish).dump() == R"({"name":"ci"})");
}

TEST_CASE("every limit crosses the wire, for a key as for a project") {
  LimitsWish limits;
  limits.spend = {"5", "day", true, "Europe/Berlin", "70%"};
  limits.rate_limit = "60";
  limits.requests_per_day = "1000";
  limits.token_limit_tpm = "none";
  limits.concurrency = "4";
  limits.models = Strings{"a/*"};
  limits.providers = Strings{"p"};
  limits.expires = "never";
  limits.require = "zdr";
  limits.no_training = true;
  limits.region = "eu";
  limits.on_limit = "refuse";
  limits.unpriced = false;
  limits.dry_run = true;
  const Json sent = to_json(KeyWish{"ci", "web", limits, Strings{"fast"}});
  CHECK(sent == Json::parse(R"({"name":"ci","project":"web","max_spend":"5","every":"day",
    "rolling":true,"timezone":"Europe/Berlin","warn":"70%","rate_limit":"60",
    "requests_per_day":"1000","token_limit_tpm":"none","concurrency":"4","models":["a/*"],
    "providers":["p"],"expires":"never","require":"zdr","no_training":true,"region":"eu",
    "on_limit":"refuse","unpriced":false,"dry_run_limits":true,"weights":["fast"]})"));
  const auto key = read<KeyWish>(sent);
  REQUIRE(key);
  CHECK(to_json(*key) == sent);
  const Json project = to_json(ProjectWish{"web", limits});
  CHECK(to_json(*read<ProjectWish>(project)) == project);
  const Json budget = to_json(BudgetWish{"key:ci", limits.spend});
  CHECK(to_json(*read<BudgetWish>(budget)) == budget);
}

TEST_CASE("top-ups, clearings and the costs of a provider's books cross whole") {
  const auto topup = read<TopUpWish>(to_json(TopUpWish{"-2.5", "a slip"}));
  REQUIRE(topup);
  CHECK(topup->amount == "-2.5");
  CHECK(topup->note == "a slip");
  CHECK(read<BudgetClearWish>(to_json(BudgetClearWish{"wallet", true}))->prepaid);
  ReconcileWish wish;
  wish.costs = {{"gen-1", "0.5"}, {"gen-2", "0"}};
  wish.all = wish.dry_run = true;
  const auto got = read<ReconcileWish>(to_json(wish));
  REQUIRE(got);
  CHECK(got->costs == wish.costs);
  CHECK(got->all);
  CHECK(got->dry_run);
  CHECK(got->provider.empty());
}

TEST_CASE("a list said to be empty is not a list that was not said") {
  KeyWish wish;
  wish.name = "ci";
  wish.limits.models = Strings{};
  wish.limits.providers = Strings{"openai"};
  wish.limits.expires = "30d";
  const auto got = read<KeyWish>(to_json(wish));
  REQUIRE(got);
  REQUIRE(got->limits.models);
  CHECK(got->limits.models->empty());
  CHECK(*got->limits.providers == Strings{"openai"});
  CHECK(*got->limits.expires == "30d");
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
  wish.proxy_login.emplace("me:secret");
  wish.enabled = false;
  const auto got = read<ProviderWish>(to_json(wish));
  REQUIRE(got);
  CHECK(*got->headers == *wish.headers);
  CHECK(got->variables == wish.variables);
  CHECK(*got->priority == -3);
  CHECK(*got->weight == 7);
  CHECK(got->key->reveal() == "sk-test");
  CHECK(got->proxy_login->reveal() == "me:secret");
  CHECK(*got->enabled == false);
  CHECK_FALSE(got->dialect);
}

TEST_CASE("a wish this side does not know is refused, not passed over") {
  CHECK_FALSE(read<KeyWish>(Json{{"name", "ci"}, {"max_spent", "2"}}));
  CHECK_FALSE(read<KeyWish>(Json{{"name", 7}}));
  CHECK_FALSE(read<KeyWish>(Json{{"name", "ci"}, {"rate_limit", 60}}));
  CHECK_FALSE(read<KeyWish>(Json{{"name", "ci"}, {"unpriced", "yes"}}));
  CHECK_FALSE(read<KeyWish>(Json{{"name", "ci"}, {"models", Json::array({"a", 1})}}));
  CHECK_FALSE(read<KeyWish>(Json::array()));
  CHECK_FALSE(read<ProviderWish>(Json{{"id", "x"}, {"weight", 99'999'999'999}}));
  CHECK_FALSE(read<ProviderWish>(Json{{"id", "x"}, {"headers", Json::array({"a"})}}));
}

TEST_CASE("what is said of routes crosses whole, and what is not stays unsaid") {
  CHECK(to_json(RouteSetWish{}) == Json::object());
  RouteSetWish set;
  set.project = "web";
  set.key = "ci";
  set.weights = Strings{"latency=.5", "cost=.3"};
  set.switches = "none";
  set.first_byte_floor = "30s";
  set.first_byte_ceiling = "290s";
  set.hedge = false;
  const Json sent = to_json(set);
  CHECK(sent == Json::parse(R"({"project":"web","key":"ci","weights":["latency=.5","cost=.3"],
    "failover_switches":"none","first_byte_floor":"30s","first_byte_ceiling":"290s",
    "hedge":false})"));
  CHECK(to_json(*read<RouteSetWish>(sent)) == sent);

  const auto candidates = read<CandidatesWish>(to_json(CandidatesWish{"coding", {"a/b", "c"}}));
  REQUIRE(candidates);
  CHECK(candidates->name == "coding");
  CHECK(candidates->models == Strings{"a/b", "c"});
  CHECK(read<CandidatesWish>(to_json(CandidatesWish{"coding", {}}))->models.empty());

  const auto quality = read<QualityWish>(to_json(QualityWish{"a/b", ".9"}));
  REQUIRE(quality);
  CHECK(quality->model == "a/b");
  CHECK(quality->quality == ".9");
}

TEST_CASE("what is asked about routes crosses whole") {
  CHECK(to_json(ExplainWish{"auto"}) == Json{{"model", "auto"}, {"needs", Json::array()}});
  ExplainWish explain{"auto", "web", "ci", "anthropic", Strings{"fast"}, 1000, 0, {"tools"}};
  const Json sent = to_json(explain);
  CHECK(sent == Json::parse(R"({"model":"auto","project":"web","key":"ci","dialect":"anthropic",
    "weights":["fast"],"input_tokens":1000,"output_tokens":0,"needs":["tools"]})"));
  CHECK(to_json(*read<ExplainWish>(sent)) == sent);
  CHECK_FALSE(read<ExplainWish>(Json{{"model", "auto"}, {"input_tokens", "many"}}));

  const ReplayWish replay{{"since=7d"}, Strings{"cost=1"}, {"openai"}, {"key:ci=2/day"}};
  const Json asked = to_json(replay);
  CHECK(asked == Json::parse(R"({"terms":["since=7d"],"weights":["cost=1"],
    "without":["openai"],"limits":["key:ci=2/day"]})"));
  CHECK(to_json(*read<ReplayWish>(asked)) == asked);
  CHECK_FALSE(read<ReplayWish>(to_json(ReplayWish{}))->weights);
}

TEST_CASE("one more credential crosses whole") {
  CredentialWish wish{"openai", "second", "env:OTHER", Secret(std::string("sk-2"))};
  const auto got = read<CredentialWish>(to_json(wish));
  REQUIRE(got);
  CHECK(got->provider == "openai");
  CHECK(got->name == "second");
  CHECK(got->key_from == "env:OTHER");
  CHECK(got->key->reveal() == "sk-2");
  CHECK_FALSE(read<CredentialWish>(to_json(CredentialWish{"openai", "second", "", {}}))->key);
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
