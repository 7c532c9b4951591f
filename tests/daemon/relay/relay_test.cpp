#include "daemon/relay/relay.h"

#include <doctest/doctest.h>

#include "tests/support/relay_fixture.h"

using namespace routerone;
using namespace routerone::test;

namespace {

constexpr const char* chat_body =
    R"({"model":"lab/m","messages":[{"role":"user","content":"hi"}]})";
constexpr const char* stream_body =
    R"({"model":"lab/m","stream":true,"stream_options":{"include_usage":true},"messages":[]})";

const std::string whole_reply =
    R"({"id":"c1","object":"chat.completion","model":"m-up","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";

const std::string handshake =
    "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
const std::string content =
    "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\n";
const std::string finish =
    "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string usage =
    "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"
    "\"total_tokens\":15}}\n\n";
const std::string done = "data: [DONE]\n\n";

Script stream_of(std::vector<std::string> pieces,
                 std::optional<upstream::FaultKind> broken_by = {}) {
  return {{}, 200, {{"content-type", "text/event-stream"}}, std::move(pieces), broken_by};
}
Script json_of(int status, std::string body) {
  return {{}, status, {{"content-type", "application/json"}}, {std::move(body)}, {}};
}

}  // namespace

TEST_CASE_FIXTURE(RelayFixture, "a whole answer goes through byte for byte, priced and traced") {
  upstream.scripts = {json_of(200, whole_reply)};
  const Seen seen = ask("/v1/chat/completions", chat_body);
  CHECK(seen.status == 200);
  CHECK(seen.got == whole_reply);
  CHECK(seen.field("x-routerone-provider") == "a");
  CHECK(seen.field("x-routerone-route") == "primary");
  CHECK(seen.field("x-routerone-cost-usd") == "0.000020");
  REQUIRE(rows().size() == 1);
  CHECK(rows()[0].state == FinalState::completed);
  CHECK(rows()[0].cost->picousd == 20'000'000);  // 10 x 1 USD/M + 5 x 2 USD/M
  CHECK(rows()[0].model == "lab/m");
  CHECK(rows()[0].id == seen.field("x-request-id"));
}

TEST_CASE_FIXTURE(RelayFixture, "only the model's name is changed on the way up") {
  upstream.scripts = {json_of(200, whole_reply)};
  ask("/v1/chat/completions",
      R"({ "messages" : [ {"model":"lab/m"} ],  "model":"lab/m" , "x":1.0})");
  REQUIRE(upstream.asked.size() == 1);
  CHECK(upstream.asked[0].body ==
        R"({ "messages" : [ {"model":"lab/m"} ],  "model":"m-a" , "x":1.0})");
  CHECK(upstream.asked[0].path == "/chat/completions");
}

TEST_CASE_FIXTURE(RelayFixture,
                  "a target that fails is followed by the next, unseen by the caller") {
  upstream.scripts = {json_of(503, "{\"error\":{}}"), json_of(200, whole_reply)};
  const Seen seen = ask("/v1/chat/completions", chat_body);
  CHECK(seen.status == 200);
  CHECK(seen.got == whole_reply);
  CHECK(seen.field("x-routerone-route") == "fallback");
  REQUIRE(rows().size() == 1);
  const TraceRow& row = rows()[0];
  REQUIRE(row.attempts.size() == 2);
  CHECK(row.attempts[0].failure == FailureClass::server_error);
  CHECK(row.attempts[0].status == 503);
  CHECK(row.attempts[1].failure == FailureClass::none);
  CHECK(row.route == Route::fallback);
  CHECK(row.fallback_reason == "server_error");
  CHECK(row.provider == "b");
}

TEST_CASE_FIXTURE(RelayFixture, "the caller's own mistake comes back in the provider's words") {
  const std::string words = R"({"error":{"message":"bad tool","type":"invalid_request_error"}})";
  upstream.scripts = {json_of(400, words)};
  const Seen seen = ask("/v1/chat/completions", chat_body);
  CHECK(seen.status == 400);
  CHECK(seen.got == words);
  CHECK(upstream.asked.size() == 1);
  CHECK(rows()[0].cost == Money{});
}

TEST_CASE_FIXTURE(RelayFixture, "when every target fails the caller is told once, in its dialect") {
  const Seen seen = ask("/v1/chat/completions", chat_body);
  CHECK(seen.status == 503);
  CHECK(seen.got.find("server_error") != std::string::npos);
  CHECK(rows()[0].state == FinalState::upstream_failed);
  CHECK(rows()[0].attempts.size() == 2);
}

TEST_CASE_FIXTURE(RelayFixture, "a refused credential of ours is never blamed on the caller") {
  upstream.scripts = {json_of(401, "{}"), json_of(403, "{}")};
  CHECK(ask("/v1/chat/completions", chat_body).status == 502);
}

TEST_CASE_FIXTURE(RelayFixture, "without a key no upstream is asked and the refusal is recorded") {
  const Seen seen = ask("/v1/chat/completions", chat_body, "");
  CHECK(seen.status == 401);
  CHECK(upstream.asked.empty());
  REQUIRE(rows().size() == 1);
  CHECK(rows()[0].state == FinalState::refused);
  CHECK(rows()[0].key_id.empty());
}

TEST_CASE_FIXTURE(RelayFixture, "a stream passes through, and its end waits for the trace") {
  upstream.scripts = {stream_of({handshake, content, finish, usage + done})};
  const Seen seen = ask("/v1/chat/completions", stream_body);
  CHECK(seen.got == handshake + content + finish + usage + done);
  CHECK(seen.ended);
  REQUIRE(seen_at_commit().size() == 1);
  CHECK(seen_at_commit()[0] == handshake + content + finish + usage);
  CHECK(rows()[0].usage.output == 5);
  CHECK(rows()[0].finish_reason == "stop");
}

TEST_CASE_FIXTURE(RelayFixture, "a stream that is nothing but a handshake is replaced unseen") {
  upstream.scripts = {stream_of({handshake}, upstream::FaultKind::closed_in_body),
                      stream_of({handshake, content, finish, done})};
  const Seen seen = ask("/v1/chat/completions", stream_body);
  CHECK(seen.got == handshake + content + finish + done);
  CHECK(rows()[0].attempts[0].failure == FailureClass::cut);
}

TEST_CASE_FIXTURE(RelayFixture, "an error event at the start of a stream becomes a fallback") {
  upstream.scripts = {
      stream_of({"data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n"}),
      stream_of({content, finish, done})};
  const Seen seen = ask("/v1/chat/completions", stream_body);
  CHECK(seen.got == content + finish + done);
}

TEST_CASE_FIXTURE(RelayFixture,
                  "a stream cut after content ends in one error event, never a mark") {
  upstream.scripts = {stream_of({handshake, content}, upstream::FaultKind::closed_in_body)};
  const Seen seen = ask("/v1/chat/completions", stream_body);
  CHECK(seen.got.starts_with(handshake + content));
  CHECK(seen.got.find("\"error\"") != std::string::npos);
  CHECK(seen.got.find("[DONE]") == std::string::npos);
  CHECK(seen.aborted);
  CHECK_FALSE(seen.ended);
  CHECK(upstream.asked.size() == 1);
  CHECK(rows()[0].state == FinalState::upstream_failed);
  CHECK(rows()[0].attempts[0].failure == FailureClass::cut);
}

TEST_CASE_FIXTURE(RelayFixture, "a finish reason and a clean end without the mark is unmarked") {
  upstream.scripts = {stream_of({content, finish})};
  const Seen seen = ask("/v1/chat/completions", stream_body);
  CHECK(seen.got == content + finish);
  CHECK(seen.ended);
  CHECK(rows()[0].state == FinalState::completed_unmarked);
  CHECK(rows()[0].usage_source == UsageSource::estimate);
}

TEST_CASE_FIXTURE(RelayFixture, "what the provider sends after the mark is dropped") {
  upstream.scripts = {stream_of({content + finish + done + content})};
  CHECK(ask("/v1/chat/completions", stream_body).got == content + finish + done);
}

TEST_CASE_FIXTURE(RelayFixture, "usage we asked for ourselves is read and taken out again") {
  upstream.scripts = {stream_of({content, finish, usage, done})};
  const Seen seen = ask("/v1/chat/completions", R"({"model":"lab/m","stream":true,"messages":[]})");
  CHECK(upstream.asked[0].body.find("include_usage") != std::string::npos);
  CHECK(seen.got == content + finish + done);
  CHECK(rows()[0].usage.input == 10);
  CHECK(rows()[0].usage_source == UsageSource::upstream);
}

TEST_CASE_FIXTURE(RelayFixture, "a caller that leaves in mid-stream is charged what went through") {
  upstream.scripts = {stream_of({content, content, content})};
  upstream.before_read = [this] { exchange->caller_left = true; };
  ask("/v1/chat/completions", stream_body);
  CHECK(rows()[0].state == FinalState::client_gone);
  CHECK(rows()[0].usage_source == UsageSource::estimate);
  CHECK(rows()[0].cost->picousd > 0);
}

TEST_CASE_FIXTURE(RelayFixture, "a rate-limited target is left alone as long as it asked") {
  Script limited = json_of(429, "{\"error\":{\"code\":\"rate_limit_exceeded\"}}");
  limited.fields.emplace_back("retry-after", "30");
  upstream.scripts = {limited, json_of(200, whole_reply), json_of(200, whole_reply),
                      json_of(200, whole_reply)};
  ask("/v1/chat/completions", chat_body);
  ask("/v1/chat/completions", chat_body);
  CHECK(upstream.asked.back().provider == "b");
  clock.advance(std::chrono::seconds(30));
  ask("/v1/chat/completions", chat_body);
  CHECK(upstream.asked.back().provider == "a");
}
