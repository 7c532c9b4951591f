#include "daemon/listener/account_desk.h"

#include <doctest/doctest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/core/text.h"
#include "tests/support/front_world.h"

using namespace routerone;
using namespace routerone::test;
using nlohmann::json;

namespace {

const std::string trace_id = "0193b2f0-7c00-7000-8000-0000000000a1";
const std::string other_id = "0193b2f0-7c00-7000-8000-0000000000b2";
const std::vector<std::string> all_paths = {"/v1/dashboard/billing/subscription",
                                            "/v1/dashboard/billing/usage",
                                            "/dashboard/billing/subscription",
                                            "/dashboard/billing/usage",
                                            "/api/v1/key",
                                            "/api/v1/auth/key",
                                            "/api/v1/credits",
                                            "/api/v1/generation"};

Money cents(std::int64_t count) { return Money{count * 10'000'000'000}; }

WallTime now() { return SystemClock().wall(); }

TraceRow row_of(const std::string& id, const std::string& key, Money cost) {
  TraceRow row;
  row.id = id;
  row.time = now();
  row.key_id = key;
  row.key_name = "ci";
  row.project = "default";
  row.dialect = "anthropic";
  row.operation = "messages";
  row.stream = true;
  row.client = "claude-cli/2.1";
  row.requested_model = "m";
  row.model = "lab/m";
  row.provider = "a";
  row.upstream_model = "m-a";
  row.usage.input = 10;
  row.usage.cache_read = 3;
  row.usage.output = 25;
  row.usage.reasoning = 5;
  row.cost = cost;
  row.latency = std::chrono::microseconds(1'250'400);
  row.ttft = std::chrono::microseconds(250'000);
  row.status = 200;
  row.finish_reason = "end_turn";
  row.attempts = {{.provider = "b", .upstream_model = "m-b", .status = 503},
                  {.provider = "a", .upstream_model = "m-a", .status = 200}};
  row.upstream_request_id = "req_" + id.substr(id.size() - 2);
  return row;
}

void keep(FrontWorld& world, const TraceRow& row) {
  std::promise<bool> committed;
  world.store().submit({row, {}}, [&](bool done) { committed.set_value(done); });
  REQUIRE(committed.get_future().get());
}

json told(FrontWorld& world, const std::string& path) {
  const WireAnswer answer = world.ask("GET " + path, world.key() + "\r\n");
  INFO(answer.body);
  CHECK(answer.status == 200);
  CHECK(answer.field("content-type") == "application/json");
  CHECK_FALSE(answer.field("x-request-id").empty());
  return json::parse(answer.body);
}

void spend(FrontWorld& world, Money amount) {
  KeyRecord key;
  key.id = "k1";
  auto pass = world.admission().enter(key, 0);
  REQUIRE(pass);
  pass->settle(amount, 1);
}

Limits spend_limit(Money amount) {
  Limits limits;
  limits.spend = SpendLimit{amount};
  return limits;
}

}  // namespace

TEST_CASE("an account is told to its key only, in the words of an OpenAI refusal to others") {
  FrontWorld world;
  for (const std::string& path : all_paths) {
    INFO(path);
    for (const std::string credential : {"", "Authorization: Bearer sk-rk-wrong\r\n"}) {
      const WireAnswer answer = world.ask("GET " + path, credential);
      CHECK(answer.status == 401);
      CHECK(json::parse(answer.body)["error"]["code"] == "invalid_api_key");
    }
    CHECK(world.ask("GET " + path, world.key() + "\r\nOrigin: http://evil.example\r\n").status ==
          403);
    CHECK(world.ask_as("evil.example", "GET " + path, world.key() + "\r\n").status == 403);
    CHECK(world.ask("OPTIONS " + path, world.key() + "\r\n").status == 403);
    CHECK(world.ask("POST " + path, world.key() + "\r\n").status == 405);
  }
  CHECK(world.upstream.asked.empty());
}

TEST_CASE("HEAD is answered as GET is, without a body, and either key header will do") {
  FrontWorld world;
  for (const std::string& path : all_paths) {
    INFO(path);
    const int expected = path.ends_with("generation") ? 400 : 200;
    const WireAnswer head = world.ask("HEAD " + path, world.key() + "\r\n");
    CHECK(head.status == expected);
    CHECK(head.body.empty());
    CHECK(std::stoul(head.field("content-length")) > 2);
    const std::string bare = "x-api-key: " + world.key().substr(world.key().find("sk-rk")) + "\r\n";
    CHECK(world.ask("GET " + path, bare).status == expected);
  }
}

TEST_CASE("a relay reads limit and usage and has the rest, with and without a limit") {
  FrontWorld world;
  CHECK(told(world, "/v1/dashboard/billing/subscription")["hard_limit_usd"] == 100'000'000);
  world.limit(spend_limit(cents(500)));
  spend(world, cents(125));
  const json limit = told(world, "/dashboard/billing/subscription")["hard_limit_usd"];
  const json usage = told(world, "/v1/dashboard/billing/usage")["total_usage"];
  CHECK(limit.get<double>() - usage.get<double>() / 100 == 3.75);
  const json credits = told(world, "/api/v1/credits")["data"];
  CHECK(credits["total_credits"] == 5);
  CHECK(credits["total_usage"] == 1.25);
  const json key = told(world, "/api/v1/key")["data"];
  CHECK(key["limit_remaining"] == 3.75);
  CHECK(told(world, "/api/v1/auth/key")["data"] == key);
}

TEST_CASE("the days of usage are the calling key's, from the first date to the last") {
  FrontWorld world;
  TraceRow row = row_of(trace_id, "k1", cents(7));
  keep(world, row);
  row = row_of(other_id, "k2", cents(100));
  keep(world, row);
  const std::string today = format_rfc3339(now()).substr(0, 10);
  const std::string path = "/v1/dashboard/billing/usage?start_date=";
  const json days = told(world, path + today + "&end_date=" + today)["daily_costs"];
  REQUIRE(days.size() == 1);
  CHECK(days[0]["line_items"] == json::array({{{"name", "lab/m"}, {"cost", 7}}}));
  CHECK(told(world, path + "2020-01-01&end_date=2020-02-01")["daily_costs"].empty());
  CHECK_FALSE(told(world, path + "soon&end_date=later").contains("daily_costs"));
}

TEST_CASE("a key's day, week and month are what its own requests of them cost") {
  FrontWorld world;
  keep(world, row_of(trace_id, "k1", cents(7)));
  keep(world, row_of(other_id, "k2", cents(100)));
  TraceRow old = row_of("0193b2f0-7c00-7000-8000-0000000000c3", "k1", cents(11));
  old.time -= std::chrono::days(40);
  keep(world, old);
  const json key = told(world, "/api/v1/key")["data"];
  CHECK(key["usage_daily"] == 0.07);
  CHECK(key["usage_weekly"] == 0.07);
  CHECK(key["usage_monthly"] == 0.07);
}

TEST_CASE("a past request is told as OpenRouter tells one, by our id or the upstream's") {
  FrontWorld world;
  keep(world, row_of(trace_id, "k1", cents(15)));
  for (const std::string& id : {trace_id, std::string("req_a1"), std::string("req%5Fa1")}) {
    INFO(id);
    const json told_of = told(world, "/api/v1/generation?id=" + id)["data"];
    CHECK(told_of["id"] == trace_id);
    CHECK(told_of["upstream_id"] == "req_a1");
    CHECK(told_of["model"] == "lab/m");
    CHECK(told_of["provider_name"] == "a");
    CHECK(told_of["total_cost"] == 0.15);
    CHECK(told_of["usage"] == 0.15);
    CHECK(told_of["tokens_prompt"] == 13);
    CHECK(told_of["native_tokens_prompt"] == 13);
    CHECK(told_of["native_tokens_cached"] == 3);
    CHECK(told_of["tokens_completion"] == 25);
    CHECK(told_of["native_tokens_reasoning"] == 5);
    CHECK(told_of["latency"] == 1250);
    CHECK(told_of["generation_time"] == 1000);
    CHECK(told_of["streamed"] == true);
    CHECK(told_of["cancelled"] == false);
    CHECK(told_of["finish_reason"] == "stop");
    CHECK(told_of["native_finish_reason"] == "end_turn");
    CHECK(told_of["created_at"].get<std::string>().starts_with("20"));
    CHECK(told_of["provider_responses"].size() == 2);
    CHECK(told_of["provider_responses"][0]["status"] == 503);
  }
}

TEST_CASE("a cost or count that nobody knows is null, not 0") {
  FrontWorld world;
  TraceRow row = row_of(trace_id, "k1", {});
  row.cost = std::nullopt;
  row.usage = {};
  row.finish_reason = "";
  row.state = FinalState::client_gone;
  keep(world, row);
  const json told_of = told(world, "/api/v1/generation?id=" + trace_id)["data"];
  for (const char* name : {"total_cost", "tokens_prompt", "tokens_completion", "finish_reason"}) {
    CHECK(told_of[name].is_null());
  }
  CHECK(told_of["cancelled"] == true);
}

TEST_CASE("another key's request is not there, nor is a part of an id or none") {
  FrontWorld world;
  keep(world, row_of(trace_id, "k1", cents(1)));
  keep(world, row_of(other_id, "k2", cents(1)));
  for (const std::string& id : {other_id, std::string("req_b2"), trace_id.substr(0, 35),
                                std::string("gen-1"), std::string("%00%ff")}) {
    INFO(id);
    const WireAnswer answer = world.ask("GET /api/v1/generation?id=" + id, world.key() + "\r\n");
    CHECK(answer.status == 404);
    const json error = json::parse(answer.body)["error"];
    CHECK(error["code"] == 404);
    CHECK(error["message"].get<std::string>().find("this key has no request") == 0);
  }
  for (const std::string& query :
       {std::string(), std::string("?id="), std::string("?x=1"), "?id=" + std::string(200, 'a')}) {
    INFO(query);
    const WireAnswer answer = world.ask("GET /api/v1/generation" + query, world.key() + "\r\n");
    CHECK(answer.status == 400);
    CHECK(json::parse(answer.body)["error"]["code"] == 400);
  }
}

TEST_CASE("polling leaves no traces, and none of its refusals has a word that relays give up on") {
  FrontWorld world;
  for (const std::string& path : all_paths) world.ask("GET " + path, world.key() + "\r\n");
  const WireAnswer missing = world.ask("GET /api/v1/generation?id=gen-1", world.key() + "\r\n");
  CHECK(world.rows().empty());
  for (const char* word : {"credit", "balance", "quota"}) {
    CHECK(missing.body.find(word) == std::string::npos);
  }
}
