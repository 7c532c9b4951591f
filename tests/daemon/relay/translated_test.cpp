#include <doctest/doctest.h>

#include "common/json/json.h"
#include "tests/support/relay_fixture.h"

using namespace routerone;
using namespace routerone::test;

// The fixture's providers speak Chat Completions; here their callers do not.

namespace {

constexpr const char* messages = "/v1/messages";
constexpr const char* whole_question =
    R"({"model":"lab/m","max_tokens":50,"messages":[{"role":"user","content":"hi"}]})";
constexpr const char* stream_question =
    R"({"model":"lab/m","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]})";

const std::string whole_reply =
    R"({"id":"c1","object":"chat.completion","created":1,"model":"m-up","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";

std::string chunk(const std::string& choice) {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[)" +
         choice + "]}\n\n";
}
const std::string role =
    chunk(R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})");
const std::string content =
    chunk(R"({"index":0,"delta":{"content":"hello"},"finish_reason":null})");
const std::string finish = chunk(R"({"index":0,"delta":{},"finish_reason":"stop"})");
const std::string usage =
    R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})"
    "\n\n";
const std::string done = "data: [DONE]\n\n";

Script json_of(int status, std::string body) {
  return {{}, status, {{"content-type", "application/json"}}, {std::move(body)}, {}};
}
Script stream_of(std::vector<std::string> pieces,
                 std::optional<upstream::FaultKind> broken_by = {}) {
  return {{}, 200, {{"content-type", "text/event-stream"}}, std::move(pieces), broken_by};
}

}  // namespace

TEST_CASE_FIXTURE(RelayFixture, "a question in another dialect is asked, answered and priced") {
  upstream.scripts = {json_of(200, whole_reply)};
  const Seen seen = ask(messages, whole_question);
  CHECK(seen.status == 200);
  const auto answer = parse_json(seen.got);
  REQUIRE(answer);
  CHECK((*answer)["type"] == "message");
  CHECK((*answer)["model"] == "lab/m");
  CHECK((*answer)["content"][0]["text"] == "hello");
  CHECK((*answer)["usage"]["output_tokens"] == 5);
  CHECK(seen.field("x-routerone-cost-usd") == "0.000020");
  REQUIRE(upstream.asked.size() == 1);
  CHECK(upstream.asked[0].path == "/chat/completions");
  const auto asked = parse_json(upstream.asked[0].body);
  REQUIRE(asked);
  CHECK((*asked)["model"] == "m-a");
  CHECK((*asked)["messages"][0]["content"] == "hi");
  CHECK(rows().back().state == FinalState::completed);
  CHECK(rows().back().cost->picousd == 20'000'000);
}

TEST_CASE_FIXTURE(RelayFixture,
                  "a stream in another dialect is told in the caller's events to its end") {
  upstream.scripts = {stream_of({role, content, finish, usage, done})};
  const Seen seen = ask(messages, stream_question);
  CHECK(seen.status == 200);
  CHECK(seen.ended);
  CHECK(seen.got.find("event: message_start") == 0);
  CHECK(seen.got.find("\"text\":\"hello\"") != std::string::npos);
  CHECK(seen.got.find("event: message_stop") != std::string::npos);
  CHECK(seen.got.find("[DONE]") == std::string::npos);
  CHECK(rows().back().state == FinalState::completed);
  CHECK(rows().back().usage.output == 5);
  // The end waited for the trace.
  CHECK(seen_at_commit().back().find("message_stop") == std::string::npos);
}

TEST_CASE_FIXTURE(RelayFixture,
                  "a translated stream that is cut ends in the caller's error event") {
  upstream.scripts = {stream_of({role, content}, upstream::FaultKind::closed_in_body)};
  const Seen seen = ask(messages, stream_question);
  CHECK(seen.aborted);
  CHECK(seen.got.find("event: error") != std::string::npos);
  CHECK(seen.got.find("message_stop") == std::string::npos);
  CHECK(rows().back().state == FinalState::upstream_failed);
}

TEST_CASE_FIXTURE(RelayFixture,
                  "a translated stream that has said nothing yet is replaced by another target's") {
  upstream.scripts = {stream_of({role}, upstream::FaultKind::closed_in_body),
                      stream_of({role, content, finish, usage, done})};
  const Seen seen = ask(messages, stream_question);
  CHECK(seen.status == 200);
  CHECK(seen.got.find("event: message_start") == seen.got.rfind("event: message_start"));
  CHECK(rows().back().route == Route::fallback);
}

TEST_CASE_FIXTURE(RelayFixture,
                  "a provider's refusal is told in the caller's dialect and its own words") {
  upstream.scripts = {
      json_of(400, R"({"error":{"message":"bad tool","type":"invalid_request_error"}})")};
  const Seen seen = ask(messages, whole_question);
  CHECK(seen.status == 400);
  const auto answer = parse_json(seen.got);
  REQUIRE(answer);
  CHECK((*answer)["type"] == "error");
  CHECK((*answer)["error"]["message"].get<std::string>().find("bad tool") != std::string::npos);
}

TEST_CASE_FIXTURE(RelayFixture,
                  "what no target can express is refused by the field's name, unsent") {
  const Seen seen =
      ask("/v1/responses", R"({"model":"lab/m","input":"hi","previous_response_id":"resp_1"})");
  CHECK(seen.status == 400);
  CHECK(seen.got.find("previous_response_id") != std::string::npos);
  CHECK(upstream.asked.empty());
  CHECK(rows().back().attempts.empty());
}

TEST_CASE_FIXTURE(RelayFixture,
                  "tokens are counted for a model whose provider has no count of its own") {
  const Seen seen =
      ask("/v1/messages/count_tokens",
          R"({"model":"lab/m","messages":[{"role":"user","content":"hello there"}]})");
  CHECK(seen.status == 200);
  const auto answer = parse_json(seen.got);
  REQUIRE(answer);
  CHECK((*answer)["input_tokens"].get<int>() > 0);
  CHECK(upstream.asked.empty());
  CHECK(rows().back().cost == Money{});
}

namespace {

/// What the trace says it cost, as a JSON number of dollars.
double told_cost(const Json& told) { return told.value("cost", -1.0); }

}  // namespace

TEST_CASE_FIXTURE(RelayFixture, "who asks what it cost is told, whole and streamed") {
  data.dialect = "anthropic";
  use(data.snapshot());
  const std::string asks =
      R"({"model":"lab/m","max_tokens":50,"usage":{"include":true},"messages":[{"role":"user","content":"hi"}])";
  const std::string message = R"({"id":"m1","type":"message","role":"assistant","model":"m-up")";
  upstream.scripts = {
      json_of(
          200,
          message +
              R"(,"content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}})"),
      stream_of(
          {R"(data: {"type":"message_start","message":)" + message +
               R"(,"content":[],"usage":{"input_tokens":10,"output_tokens":1}}})" + "\n\n",
           R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"hello"}})"
           "\n\n"
           R"(data: {"type":"content_block_stop","index":0})"
           "\n\n",
           R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}})"
           "\n\n"
           R"(data: {"type":"message_stop"})"
           "\n\n"})};
  const Seen whole = ask("/v1/chat/completions", asks + "}");
  REQUIRE(whole.status == 200);
  CHECK(told_cost(parse_json(whole.got).value_or(Json())["usage"]) == doctest::Approx(0.00002));
  CHECK(whole.field("x-routerone-dropped").empty());

  const Seen streamed = ask("/v1/chat/completions", asks + R"(,"stream":true})");
  REQUIRE(streamed.status == 200);
  CHECK(streamed.ended);
  const std::size_t at = streamed.got.find("\"cost\":");
  REQUIRE(at != std::string::npos);
  CHECK(streamed.got.find("\"cost\":", at + 1) == std::string::npos);
  CHECK(streamed.got.substr(at + 7, 7) == "0.00002");
  CHECK(streamed.got.ends_with("data: [DONE]\n\n"));
  CHECK(rows().back().cost->picousd == 20'000'000);
}
