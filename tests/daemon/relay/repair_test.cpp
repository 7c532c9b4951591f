#include <doctest/doctest.h>

#include "common/json/json.h"
#include "tests/support/relay_fixture.h"

using namespace routerone;
using namespace routerone::test;

// A translated request that is refused for a hint in it is asked again without the hint. The
// fixture's providers speak Chat Completions, its callers Messages unless they say otherwise.

namespace {

constexpr const char* messages = "/v1/messages";
constexpr const char* chat = "/v1/chat/completions";
constexpr const char* question =
    R"({"model":"lab/m","max_tokens":50,"temperature":0.5,"top_p":0.9,"messages":[{"role":"user","content":"hi"}]})";
constexpr const char* stream_question =
    R"({"model":"lab/m","max_tokens":50,"stream":true,"temperature":0.5,"messages":[{"role":"user","content":"hi"}]})";
const std::string reply =
    R"({"id":"c1","object":"chat.completion","created":1,"model":"m-up","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";
const std::string no_temperature =
    R"({"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.","type":"invalid_request_error","param":"temperature","code":"unsupported_parameter"}})";

Script json_of(int status, std::string body) {
  return {{}, status, {{"content-type", "application/json"}}, {std::move(body)}, {}};
}
Script stream_of_reply() {
  const std::string begin =
      R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[)";
  return {
      {},
      200,
      {{"content-type", "text/event-stream"}},
      {begin + R"({"index":0,"delta":{"content":"hello"},"finish_reason":null}]})" + "\n\n",
       begin + R"({"index":0,"delta":{},"finish_reason":"stop"}]})" + "\n\n", "data: [DONE]\n\n"},
      {}};
}

struct Repairing : RelayFixture {
  Json asked(std::size_t i) const { return parse_json(upstream.asked.at(i).body).value_or(Json()); }
  admission::ScopeState key() const { return admission.state("key:k1"); }
};

}  // namespace

TEST_CASE_FIXTURE(Repairing, "a hint that the provider refuses by name is left out, and told of") {
  upstream.scripts = {json_of(400, no_temperature), json_of(200, reply)};
  const Seen seen = ask(messages, question);
  CHECK(seen.status == 200);
  CHECK(seen.got.find("hello") != std::string::npos);
  CHECK(seen.field("x-routerone-dropped") == "temperature");
  CHECK(seen.field("x-routerone-route") == "primary");
  REQUIRE(upstream.asked.size() == 2);
  Json without = asked(0);
  CHECK(without["temperature"] == 0.5);
  without.erase("temperature");
  CHECK(asked(1) == without);
  REQUIRE(rows().size() == 1);
  const TraceRow& row = rows()[0];
  CHECK(row.state == FinalState::completed);
  CHECK(row.dropped == std::vector<std::string>{"temperature"});
  REQUIRE(row.attempts.size() == 2);
  CHECK(row.attempts[0].provider == "a");
  CHECK(row.attempts[0].status == 400);
  CHECK(row.attempts[0].failure == FailureClass::caller_fault);
  CHECK(row.attempts[1].provider == "a");
  CHECK(row.attempts[1].status == 200);
  CHECK(row.cost->picousd == 20'000'000);
}

TEST_CASE_FIXTURE(Repairing, "a stream is repaired before it begins") {
  upstream.scripts = {json_of(400, no_temperature), stream_of_reply()};
  const Seen seen = ask(messages, stream_question);
  CHECK(seen.status == 200);
  CHECK(seen.ended);
  CHECK(seen.got.find("\"text\":\"hello\"") != std::string::npos);
  CHECK(rows().back().attempts.size() == 2);
}

TEST_CASE_FIXTURE(Repairing, "a request is repaired once: the next refusal is the caller's") {
  const std::string no_top_p =
      R"({"error":{"message":"Unsupported parameter: 'top_p' is not supported with this model."}})";
  upstream.scripts = {json_of(400, no_temperature), json_of(400, no_top_p), json_of(200, reply)};
  const Seen seen = ask(messages, question);
  CHECK(seen.status == 400);
  CHECK(seen.got.find("'top_p' is not supported") != std::string::npos);
  CHECK(upstream.asked.size() == 2);
  CHECK(rows().back().attempts.size() == 2);
  CHECK(rows().back().cost == Money{});
}

TEST_CASE_FIXTURE(Repairing, "what was not asked, or may not go, is not asked again") {
  const std::string with_top_k =
      R"({"model":"lab/m","max_tokens":50,"temperature":0.5,"top_k":5,"messages":[{"role":"user","content":"hi"}]})";
  for (const char* words :
       {"Unsupported parameter: 'seed' is not supported with this model.",
        "Unsupported parameter: 'top_k' is not supported with this model.",  // was not written

        "Unsupported parameter: 'max_tokens' is not supported with this model.",
        "Invalid 'temperature': must be between 0 and 2."}) {
    CAPTURE(words);
    upstream.asked.clear();
    upstream.scripts = {json_of(400, Json{{"error", {{"message", words}}}}.dump()),
                        json_of(200, reply)};
    CHECK(ask(messages, with_top_k).status == 400);
    CHECK(upstream.asked.size() == 1);
  }
}

TEST_CASE_FIXTURE(Repairing, "only a refusal of the request is repaired") {
  upstream.scripts = {json_of(413, no_temperature)};
  CHECK(ask(messages, question).status == 413);
  CHECK(upstream.asked.size() == 1);
  upstream.asked.clear();
  upstream.scripts = {json_of(503, no_temperature), json_of(200, reply)};
  CHECK(ask(messages, question).status == 200);
  REQUIRE(upstream.asked.size() == 2);
  CHECK(asked(1)["temperature"] == 0.5);
  CHECK(rows().back().provider == "b");
}

TEST_CASE_FIXTURE(Repairing, "another target is asked the whole question") {
  upstream.scripts = {json_of(400, no_temperature), json_of(503, "{}"), json_of(200, reply)};
  const Seen seen = ask(messages, question);
  CHECK(seen.status == 200);
  REQUIRE(upstream.asked.size() == 3);
  CHECK_FALSE(asked(1).contains("temperature"));
  CHECK(asked(2)["temperature"] == 0.5);
  CHECK(seen.field("x-routerone-dropped").empty());
  CHECK(rows().back().provider == "b");
  CHECK(rows().back().fallback_reason == "server_error");
}

TEST_CASE_FIXTURE(Repairing, "what is passed on is never repaired") {
  upstream.scripts = {json_of(400, no_temperature), json_of(200, reply)};
  const Seen seen = ask(chat, question);
  CHECK(seen.status == 400);
  CHECK(seen.got == no_temperature);
  CHECK(upstream.asked.size() == 1);
  CHECK(rows().back().attempts.size() == 1);
}

TEST_CASE_FIXTURE(Repairing, "both tries are paid from what one of them was held for") {
  Limits limits;
  limits.spend = SpendLimit{Money{1'000'000'000'000}};
  use(data.snapshot(limits));
  std::vector<Money> held;
  upstream.before_read = [&] { held.push_back(key().reserved); };
  upstream.scripts = {json_of(400, no_temperature), json_of(200, reply)};
  CHECK(ask(messages, question).status == 200);
  REQUIRE(held.size() >= 2);
  CHECK(held.front() > Money{});
  CHECK(held.back() == held.front());
  CHECK(key().reserved == Money{});
  CHECK(key().spent == Money{20'000'000});
}
