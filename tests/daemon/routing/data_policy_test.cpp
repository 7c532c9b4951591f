#include "daemon/routing/data_policy.h"

#include <doctest/doctest.h>

#include "common/core/text.h"
#include "tests/daemon/routing/table_fixture.h"

using namespace routerone;
using routing::DataStanding;
using routing::is_private_host;
using routing::keeps;
using test::TableWorld;

namespace {

DataPolicy policy(bool zero, bool no_training, std::string region = {}) {
  return {zero, no_training, std::move(region)};
}

DataStanding standing(std::string_view zdr, std::optional<std::int64_t> days,
                      std::optional<bool> trains, std::string_view hq,
                      std::string_view region = {}) {
  DataStanding out;
  out.facts.zdr = zdr;
  out.facts.retention_days = days;
  out.facts.trains_on_data = trains;
  out.hq = hq;
  out.region = region;
  return out;
}

KeyRecord key_with(DataPolicy required) {
  KeyRecord key;
  key.limits.policy = std::move(required);
  return key;
}

tl::expected<routing::Planned, Refusal> plan_for(const routing::ModelTable& table,
                                                 const KeyRecord* key, const Limits* project,
                                                 std::optional<WallTime> now = std::nullopt) {
  return table.plan({"acme/one", "openai-chat", key, 1, project, now});
}

std::string providers_of(const tl::expected<routing::Planned, Refusal>& plan) {
  std::string out;
  if (!plan) return "! " + plan.error().message;
  for (const Target& target : plan->targets) out += target.endpoint->provider + " ";
  return out;
}

}  // namespace

TEST_CASE("zero retention is what is so by default, or kept for no day") {
  CHECK(keeps(policy(true, false), standing("default", {}, {}, "US")));
  CHECK(keeps(policy(true, false), standing("self_serve", 0, {}, "US")));
  CHECK_FALSE(keeps(policy(true, false), standing("on_request", 30, false, "US")));
  CHECK_FALSE(keeps(policy(true, false), standing("none", {}, false, "US")));
}

TEST_CASE("what a provider does not say, it does not do") {
  const DataStanding silent = standing("", {}, {}, "");
  CHECK_FALSE(keeps(policy(true, false), silent));
  CHECK_FALSE(keeps(policy(false, true), silent));
  CHECK_FALSE(keeps(policy(false, false, "eu"), silent));
  CHECK(keeps(policy(false, false), silent));
}

TEST_CASE("no training means that it says so") {
  CHECK(keeps(policy(false, true), standing("", {}, false, "")));
  CHECK_FALSE(keeps(policy(false, true), standing("", {}, true, "")));
}

TEST_CASE("a region is a country, or the European Economic Area") {
  CHECK(keeps(policy(false, false, "eu"), standing("", {}, {}, "FR")));
  CHECK(keeps(policy(false, false, "EU"), standing("", {}, {}, "NO")));
  CHECK_FALSE(keeps(policy(false, false, "eu"), standing("", {}, {}, "GB")));
  CHECK_FALSE(keeps(policy(false, false, "eu"), standing("", {}, {}, "CH")));
  CHECK(keeps(policy(false, false, "us"), standing("", {}, {}, "US")));
}

TEST_CASE("where an offer runs counts before where its provider sits") {
  CHECK(keeps(policy(false, false, "eu"), standing("", {}, {}, "US", "eu")));
  CHECK_FALSE(keeps(policy(false, false, "us"), standing("", {}, {}, "US", "global")));
  CHECK_FALSE(keeps(policy(false, false, "eu"), standing("", {}, {}, "FR", "us")));
}

TEST_CASE("hosts of this machine and of private networks are told from public ones") {
  for (const char* host :
       {"localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "172.16.0.1",
        "172.31.255.255", "192.168.1.1", "169.254.0.1", "fd00::1", "fc12::1", "fe80::1"}) {
    CAPTURE(host);
    CHECK(is_private_host(host));
  }
  for (const char* host : {"api.test", "localhost.test", "8.8.8.8", "172.32.0.1", "172.15.0.1",
                           "192.169.0.1", "11.0.0.1", "2001:db8::1", "fcx.test", "10.1.2",
                           "10.1.2.3.test", "fec0::1", "::2", "127.0.0.256"}) {
    CAPTURE(host);
    CHECK_FALSE(is_private_host(host));
  }
}

TEST_CASE("a key's data policy leaves only the providers that keep it") {
  TableWorld world;
  world.add("acme");
  world.add("host");
  const auto table = world.table();
  const KeyRecord zero = key_with(policy(true, false)), none = key_with({});
  CHECK(providers_of(plan_for(*table, &none, nullptr)).size() == 10);
  CHECK(providers_of(plan_for(*table, &zero, nullptr)) == "acme ");
  const KeyRecord american = key_with(policy(false, true, "us"));
  CHECK(providers_of(plan_for(*table, &american, nullptr)) == "host ");
}

TEST_CASE("a project narrows what its keys may use: models, providers, data and time") {
  TableWorld world;
  world.add("acme");
  world.add("host");
  const auto table = world.table();
  const KeyRecord key;
  Limits project;
  project.providers = {"host"};
  CHECK(providers_of(plan_for(*table, &key, &project)) == "host ");
  project.policy.zero_retention = true;
  CHECK_FALSE(plan_for(*table, &key, &project));
  project = {};
  project.models = {"zeta/*"};
  const auto refused = plan_for(*table, &key, &project);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == RefusalKind::unknown_model);
  CHECK(table->list(&key, &project).empty());
  project = {};
  project.expires = *parse_rfc3339("2026-11-20T12:00:00Z");
  CHECK(plan_for(*table, &key, &project, *parse_rfc3339("2026-11-20T11:59:59Z")));
  const auto late = plan_for(*table, &key, &project, *parse_rfc3339("2026-11-20T12:00:00Z"));
  REQUIRE_FALSE(late);
  CHECK(late.error().kind == RefusalKind::bad_key);
}

TEST_CASE("if nobody keeps the policy of key and project, the refusal names all of it") {
  TableWorld world;
  world.add("acme");
  world.add("host");
  const auto table = world.table();
  const KeyRecord key = key_with(policy(true, false));
  Limits project;
  project.policy.region = "us";
  const auto refused = plan_for(*table, &key, &project);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == RefusalKind::bad_request);
  CHECK(refused.error().message.find("zero data retention, region us") != std::string::npos);
  CHECK(refused.error().message.find("acme, host") != std::string::npos);
}

TEST_CASE("a fallback is held to the data policy like the model asked for") {
  TableWorld world;
  world.add("acme");
  world.add("zeta");
  world.data.fallbacks = {{"acme/one", {"zeta/duo"}}};
  const KeyRecord zero = key_with(policy(true, false));
  CHECK(world.route("acme/one", nullptr) == "acme:one-v1 -zeta:duo");
  CHECK(world.route("acme/one", &zero) == "acme:one-v1");
}

TEST_CASE("a provider on this machine keeps every policy, and one that nobody knows keeps none") {
  TableWorld world;
  world.add("mine").endpoints = {{"openai-chat", "http://127.0.0.1:8080/v1"}};
  world.add("theirs");
  const KeyRecord strict = key_with(policy(true, true, "eu"));
  CHECK(world.route("mine/any", &strict) == "mine:any");
  CHECK(world.route("theirs/any", &strict).find("data policy") != std::string::npos);
}

TEST_CASE("a target knows its context, its longest answer and its provider's quirks") {
  TableWorld world;
  world.add("acme");
  world.add("host");
  const auto plan = world.plan("acme/one@host");
  REQUIRE(plan);
  CHECK(plan->targets.front().context == 32'000);
  CHECK(plan->targets.front().max_output == 8'000);
  CHECK(plan->targets.front().quirks.max_completion_tokens);
  CHECK_FALSE(plan->targets.front().quirks.states_cost);
  const auto own = world.plan("acme/one@acme");
  REQUIRE(own);
  CHECK(own->targets.front().context == 64'000);
  CHECK_FALSE(own->targets.front().quirks.max_completion_tokens);
}
