#include "daemon/trace/trace_json.h"

#include <doctest/doctest.h>

#include "common/json/json.h"
#include "daemon/exchange/health_name.h"

using namespace routerone;
using namespace routerone::trace;

namespace {

store::StoredTrace sample() {
  store::StoredTrace stored;
  stored.sequence = 42;
  TraceRow& row = stored.row;
  row.id = "01930000-0000-7000-8000-000000000000";
  row.time = wall_from_micros(1'795'176'000'123'456);
  row.key_name = "ci";
  row.project = "default";
  row.client = "codex_cli/0.169";
  row.dialect = "openai-responses";
  row.operation = "responses";
  row.stream = true;
  row.requested_model = "gpt-5";
  row.model = "openai/gpt-5";
  row.provider = "openai";
  row.upstream_model = "gpt-5-2025-08-07";
  row.usage.input = 512;
  row.usage.cache_read = 0;
  row.usage.cache_write_5m = 0;
  row.usage.output = 200;
  row.usage.reasoning = 64;
  row.usage_source = UsageSource::upstream;
  row.cost = Money{4'200'000'000};
  row.price_source = PriceSource::own;
  row.latency = std::chrono::microseconds(1'180'400);
  row.ttft = std::chrono::microseconds(310'200);
  row.overhead = std::chrono::microseconds(84);
  row.status = 200;
  row.finish_reason = "stop";
  row.attempts = {{.provider = "openai",
                   .upstream_model = "gpt-5-2025-08-07",
                   .status = 200,
                   .latency = std::chrono::microseconds(1'180'100)}};
  row.bytes_in = 2048;
  row.bytes_out = 9120;
  return stored;
}

}  // namespace

TEST_CASE("a trace is printed with the names and forms of the manual") {
  const Json json = to_json(sample());
  for (const char* name : {"schema",
                           "id",
                           "time",
                           "key",
                           "project",
                           "client",
                           "session",
                           "dialect",
                           "operation",
                           "stream",
                           "requested_model",
                           "model",
                           "provider",
                           "upstream_model",
                           "input_tokens",
                           "cache_read_tokens",
                           "cache_write_tokens",
                           "output_tokens",
                           "reasoning_tokens",
                           "usage_source",
                           "cost_usd",
                           "cost_picousd",
                           "price_source",
                           "latency_ms",
                           "ttft_ms",
                           "overhead_us",
                           "status",
                           "finish_reason",
                           "error",
                           "state",
                           "dropped",
                           "clamped",
                           "reserved_usd",
                           "reserved_picousd",
                           "overrun",
                           "route",
                           "fallback",
                           "attempts",
                           "routing",
                           "upstream_request_id",
                           "bytes_in",
                           "bytes_out"})
    CHECK_MESSAGE(json.contains(name), name);
  CHECK(json["schema"] == 1);
  CHECK(json["time"] == "2026-11-20T12:00:00.123456Z");
  CHECK(json["cost_usd"] == "0.004200");
  CHECK(json["cost_picousd"] == 4'200'000'000);
  CHECK(json["price_source"] == "override");
  CHECK(json["usage_source"] == "upstream");
  CHECK(json["latency_ms"].dump() == "1180.4");
  CHECK(json["overhead_us"] == 84);
  CHECK(json["error"].is_null());
  CHECK(json["fallback"].is_null());
  CHECK(json["routing"].is_null());
  CHECK(json["clamped"].is_null());
  CHECK(json["reserved_usd"].is_null());
  CHECK(json["reserved_picousd"].is_null());
  CHECK(json["overrun"] == false);
  CHECK(json["state"] == "completed");
  CHECK(json["route"] == "primary");
  CHECK(json["dropped"].dump() == "[]");
  CHECK(json["attempts"][0]["latency_ms"].dump() == "1180.1");
  CHECK(json["attempts"][0]["error"].is_null());
  CHECK(json["attempts"][0]["cost_usd"].is_null());
}

TEST_CASE("what is not known is null and never zero") {
  store::StoredTrace stored = sample();
  stored.row.usage = {};
  stored.row.usage_source = UsageSource::none;
  stored.row.cost.reset();
  stored.row.price_source = PriceSource::unknown;
  stored.row.ttft.reset();
  const Json json = to_json(stored);
  for (const char* name :
       {"input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens",
        "reasoning_tokens", "usage_source", "cost_usd", "cost_picousd", "ttft_ms"})
    CHECK_MESSAGE(json[name].is_null(), name);
  CHECK(json["price_source"] == "unknown");
}

TEST_CASE("token classes add up to what the manual calls input and output") {
  store::StoredTrace stored = sample();
  stored.row.usage = {100, 10, 3, 4, 50, 20, 7, 5, 1, 2, 6, 1, {}, {}, "", std::nullopt};
  const Json json = to_json(stored);
  CHECK(json["input_tokens"] == 109);
  CHECK(json["cache_read_tokens"] == 11);
  CHECK(json["cache_write_tokens"] == 7);
  CHECK(json["output_tokens"] == 61);
}

TEST_CASE("a fallback says where from and why, an attempt what went wrong") {
  store::StoredTrace stored = sample();
  stored.row.route = Route::fallback;
  stored.row.fallback_from = "a/b";
  stored.row.fallback_reason = "rate_limited";
  stored.row.attempts[0].failure = FailureClass::connect;
  stored.row.attempts[0].error_code = "refused";
  stored.row.attempts[0].cost = Money{2'000'000};
  const Json json = to_json(stored);
  CHECK(json["route"] == "fallback");
  CHECK(json["fallback"].dump() == R"({"from":"a/b","reason":"rate_limited"})");
  CHECK(json["attempts"][0]["error"] == "connect");
  CHECK(json["attempts"][0]["code"] == "refused");
  CHECK(json["attempts"][0]["cost_usd"] == "0.000002");
}

TEST_CASE("a lowered cap, what was held and an overrun are told") {
  store::StoredTrace stored = sample();
  stored.row.clamped = 8192;
  stored.row.reserved = Money{250'000'000'000};
  stored.row.overrun = true;
  const Json json = to_json(stored);
  CHECK(json["clamped"] == 8192);
  CHECK(json["reserved_usd"] == "0.250000");
  CHECK(json["reserved_picousd"] == 250'000'000'000);
  CHECK(json["overrun"] == true);
}

TEST_CASE("a request that the daemon died with is interrupted and costs what was held") {
  store::StoredTrace stored = sample();
  stored.row.state = FinalState::interrupted;
  stored.row.error = "interrupted";
  stored.row.status = 0;
  stored.row.usage = {};
  stored.row.usage_source = UsageSource::none;
  stored.row.reserved = stored.row.cost;
  const Json json = to_json(stored);
  CHECK(json["state"] == "interrupted");
  CHECK(json["error"] == "interrupted");
  CHECK(json["input_tokens"].is_null());
  CHECK(json["reserved_usd"] == json["cost_usd"]);
}

TEST_CASE("a decision is shown with every term of every candidate, the best first") {
  store::StoredTrace stored = sample();
  Decision& decision = stored.row.decision.emplace();
  decision.weights = {0.5, 0.3, 0.2};
  decision.sticky = "acme#second/m-2";
  decision.trial = true;
  DecidedCandidate one;
  one.name = name_target({"acme", "second", "lab/m", "m-2"});
  one.tier = 1;
  one.point = {0.25, 0.001, 0.9, 0.1, 0.5, 3, 2, true, true};
  one.score = {0.1, 0.2, 0.3, 0.4, 0.05};
  DecidedCandidate unknown;
  unknown.name = name_target({"other", "", "lab/m", "m"});
  DecidedCandidate away = unknown;
  away.name = name_target({"away", "", "lab/m", "m"});
  away.out = true;
  decision.candidates = {away, one, unknown};
  decision.order = {2, 1};
  decision.excluded = {{"lab/x", "acme", "tools"}, {"", "small", "context"}};
  stored.candidates_left_out = 4;
  const Json routing = to_json(stored)["routing"];
  CHECK(routing["weights"].dump() == R"({"latency":0.5,"cost":0.3,"quality":0.2})");
  CHECK(routing["sticky"] == "acme#second/m-2");
  CHECK(routing["trial"] == true);
  CHECK(routing["sorted"] == false);
  CHECK(routing["candidates_left_out"] == 4);
  CHECK(routing["exclusions_left_out"] == 0);
  REQUIRE(routing["candidates"].size() == 3);
  const Json& first = routing["candidates"][0];
  CHECK(first["provider"] == "other");
  CHECK(first["account"].is_null());
  CHECK(first["latency_ms"].is_null());
  CHECK(first["cost"].is_null());
  CHECK(first["quality"].is_null());
  CHECK(routing["candidates"][1].dump() ==
        R"({"provider":"acme","account":"second","model":"lab/m","upstream_model":"m-2",)"
        R"("target":"acme#second/m-2","score":0.05,"latency_ms":250.0,"cost":0.001,"quality":0.9,)"
        R"("health":0.4,"terms":{"latency":0.1,"cost":0.2,"quality":0.3},"failure_share":0.1,)"
        R"("headroom":0.5,"in_flight":3,"share":2.0,"tier":1,"untried":true,"last_resort":true,)"
        R"("out":false})");
  CHECK(routing["candidates"][2]["provider"] == "away");
  CHECK(routing["candidates"][2]["out"] == true);
  CHECK(routing["excluded"].dump() == R"([{"model":"lab/x","provider":"acme","reason":"tools"},)"
                                      R"({"model":null,"provider":"small","reason":"context"}])");
}

TEST_CASE("an attempt names the credential it was made with, if it was not the first") {
  store::StoredTrace stored = sample();
  stored.row.attempts.push_back(stored.row.attempts[0]);
  stored.row.attempts[1].account = "second";
  const Json attempts = to_json(stored)["attempts"];
  CHECK(attempts[0]["account"].is_null());
  CHECK(attempts[1]["account"] == "second");
}
