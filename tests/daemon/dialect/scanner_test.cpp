#include <doctest/doctest.h>

#include <string>

#include "common/json/json.h"
#include "tests/daemon/dialect/scan_support.h"

namespace routerone {
namespace {

using test::scan;

std::unique_ptr<dialect::StreamScanner> scanner(std::string_view id) {
  const dialect::Dialect& found = *dialect::find(id);
  return found.scan_stream(found.operations()[0], false);
}

std::string chunk(const std::string& delta, const std::string& rest = "") {
  return R"(data: {"id":"c1","created":5,"model":"m","choices":[{"index":0,"delta":)" + delta +
         "}]" + rest + "}\n\n";
}

const std::string role = chunk(R"({"role":"assistant","content":""})");
const std::string hello = chunk(R"({"content":"hello"})");
const std::string chat_error =
    "data: {\"error\":{\"message\":\"busy\",\"code\":\"rate_limit_exceeded\"}}\n\n";

const std::string created =
    "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,"
    "\"response\":{\"id\":\"resp_1\",\"model\":\"m\",\"created_at\":9}}\n\n";
const std::string text_delta =
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\","
    "\"sequence_number\":4,\"delta\":\"x\"}\n\n";

const std::string message_start =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\","
    "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n";
const std::string block_delta =
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}\n\n";

TEST_CASE("a role, comments and empty deltas are a handshake; anything more is content") {
  CHECK_FALSE(scan("openai-chat", "chat", {": note\n\n", role}).content);
  CHECK_FALSE(scan("openai-chat", "chat", {chunk(R"({"content":null,"tool_calls":[]})")}).content);
  CHECK_FALSE(
      scan("openai-chat", "chat", {"data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n"})
          .content);
  for (const char* delta :
       {R"({"content":"x"})", R"({"reasoning":"x"})", R"({"reasoning_content":"x"})",
        R"({"tool_calls":[{"index":0}]})", R"({"refusal":"no"})", R"({"audio":{"id":"a"}})"}) {
    CAPTURE(delta);
    CHECK(scan("openai-chat", "chat", {role, chunk(delta)}).content);
  }
  CHECK(scan("openai-chat", "chat",
             {"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"})
            .content);
}

TEST_CASE("the first events of Responses and Messages are a handshake") {
  CHECK_FALSE(scan("openai-responses", "responses", {created}).content);
  CHECK(scan("openai-responses", "responses", {created, text_delta}).content);
  CHECK_FALSE(scan("anthropic", "messages", {message_start, "event: ping\ndata: {}\n\n"}).content);
  CHECK(scan("anthropic", "messages", {message_start, block_delta}).content);
}

TEST_CASE("an error as the first event can still be replaced by another target's answer") {
  const auto chat = scan("openai-chat", "chat", {role, chat_error});
  CHECK(chat.error == FailureClass::rate_limited);
  CHECK_FALSE(chat.content_at_error);
  const auto responses =
      scan("openai-responses", "responses",
           {created,
            "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"status\":"
            "\"failed\",\"error\":{\"code\":\"server_is_overloaded\",\"message\":\"m\"}}}\n\n"});
  CHECK(responses.error == FailureClass::overloaded);
  CHECK_FALSE(responses.content_at_error);
  const auto messages = scan(
      "anthropic", "messages",
      {"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n"});
  CHECK(messages.error == FailureClass::overloaded);
  CHECK_FALSE(messages.content_at_error);
}

TEST_CASE("an error in the middle passes on as the last event") {
  const auto got = scan("openai-chat", "chat", {role + hello + chat_error + "data: [DONE]\n\n"});
  CHECK(got.forwarded == role + hello + chat_error);
  CHECK(got.last == chat_error);
  CHECK(got.error == FailureClass::rate_limited);
  CHECK(got.content_at_error);
}

TEST_CASE("an error that is the caller's own is the answer, also as the first event") {
  const auto got = scan("openai-chat", "chat",
                        {"event: error\ndata: {\"error\":{\"message\":\"m\",\"type\":"
                         "\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}\n\n"});
  CHECK(got.error == FailureClass::caller_fault);
  CHECK(got.content_at_error);
}

TEST_CASE("errors in the shapes that aggregators send are classed by their number") {
  const auto of = [](const std::string& error) {
    return scan("openai-chat", "chat", {"data: {\"id\":\"x\",\"error\":" + error + "}\n\n"}).error;
  };
  CHECK(of(R"({"code":429,"message":"Provider returned error"})") == FailureClass::rate_limited);
  CHECK(of(R"({"code":502,"message":"Provider returned error"})") == FailureClass::server_error);
  CHECK(of(R"({"code":402,"message":"m"})") == FailureClass::credential_refused);
  CHECK(of(R"({"message":"m","status_code":400})") == FailureClass::caller_fault);
  CHECK(of(R"("just words")") == FailureClass::bad_answer);
  CHECK(scan("openai-chat", "chat", {"data: {\"choices\":[],\"error\":null}\n\n"}).error ==
        FailureClass::none);
  CHECK(scan("openai-chat", "chat",
             {hello, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n"})
            .error == FailureClass::server_error);
}

TEST_CASE("how long to wait is read from the words of an error") {
  const auto got = scan(
      "openai-responses", "responses",
      {"data: "
       "{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"rate_limit_exceeded\","
       "\"message\":\"Please try again in 1.5s.\"}}}\n\n"});
  CHECK(got.error == FailureClass::rate_limited);
  CHECK(got.retry_after == std::chrono::seconds{2});
}

TEST_CASE("a second answer inside a stream ends it with an error of ours") {
  const auto messages =
      scan("anthropic", "messages", {message_start + block_delta + message_start + block_delta});
  CHECK(messages.forwarded == message_start + block_delta + messages.last);
  CHECK(messages.last.starts_with("event: error\ndata: {\"type\":\"error\""));
  CHECK(messages.error == FailureClass::bad_answer);
  const auto responses =
      scan("openai-responses", "responses", {created + text_delta, created + text_delta});
  CHECK(responses.last.find("event: response.failed\n") != std::string::npos);
  CHECK(responses.error == FailureClass::bad_answer);
}

TEST_CASE("a bare error of Responses is completed by the event its readers wait for") {
  const std::string error =
      "event: error\ndata: {\"type\":\"error\",\"sequence_number\":5,\"code\":\"server_error\","
      "\"message\":\"m\"}\n\n";
  const std::string failed =
      "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":6,"
      "\"response\":{\"error\":{\"code\":\"server_error\"}}}\n\n";
  const auto alone = scan("openai-responses", "responses", {created + text_delta + error});
  CHECK(alone.error == FailureClass::server_error);
  CHECK(alone.forwarded.starts_with(created + text_delta + error + "event: response.failed\n"));
  CHECK(alone.forwarded.find("\"id\":\"resp_1\"", created.size()) != std::string::npos);
  const auto both = scan("openai-responses", "responses", {created + text_delta + error + failed});
  CHECK(both.forwarded == created + text_delta + error + failed);
}

TEST_CASE("JSON or HTML where a stream was asked for is a failure before anything went out") {
  for (const char* dialect : {"openai-chat", "openai-responses", "anthropic"}) {
    const auto operation = test::operation_of(dialect);
    for (const char* body :
         {"{\"id\":\"x\",\"choices\":[]}", "  {", "<html>busy</html>\n\n", "[]"}) {
      CAPTURE(body);
      for (std::uint64_t seed = 0; seed < 5; ++seed) {
        const auto got = scan(dialect, operation, test::cut(body, seed));
        CHECK(got.forwarded.find_first_not_of(' ') == std::string::npos);
        CHECK(got.error == FailureClass::bad_answer);
        CHECK_FALSE(got.content);
      }
    }
    CHECK(scan(dialect, operation, {R"({"error":{"message":"m","type":"overloaded_error"}})"})
              .error == FailureClass::overloaded);
  }
  const std::string endless = "{" + std::string(2 << 20, ' ');
  CHECK(scan("openai-chat", "chat", test::cut(endless, 1)).error == FailureClass::bad_answer);
}

TEST_CASE("nothing at all, or only comments, is no content and no end") {
  const auto got = scan("openai-chat", "chat", {": a\n\n", "\n\n", ""});
  CHECK_FALSE(got.content);
  CHECK_FALSE(got.terminal);
  CHECK_FALSE(got.finish_seen);
}

TEST_CASE(
    "a last event without its blank line counts if it is whole, and is dropped if it is not") {
  const auto whole = scan("openai-chat", "chat", {hello, "data: [DONE]"});
  CHECK(whole.terminal);
  CHECK(whole.forwarded == hello + "data: [DONE]");
  const auto half = scan("openai-chat", "chat", {hello, "data: {\"choices\":[{\"delta\":{\"con"});
  CHECK(half.forwarded == hello);
  CHECK_FALSE(half.terminal);
  CHECK(scan("openai-chat", "chat", {hello, "data: [DON"}).forwarded == hello);
}

TEST_CASE("our error event never runs into an event that lacks its end") {
  auto chat = scanner("openai-chat");
  const Refusal cut{RefusalKind::upstream_failed, "cut", "", {}};
  const auto got = scan(*chat, {hello, "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}"});
  CHECK(got.forwarded.ends_with("}"));
  CHECK(chat->error_event(cut).starts_with("\n\ndata: {\"error\""));
  auto clean = scanner("openai-chat");
  scan(*clean, {hello});
  CHECK(clean->error_event(cut).starts_with("data: {\"error\""));
}

TEST_CASE("an event too long to hold passes in parts; what it is and its usage are still known") {
  const std::string filler(600 << 10, 'x');
  const std::string completed =
      "event: response.completed\ndata: "
      "{\"type\":\"response.completed\",\"response\":{\"output\":[\"" +
      filler + "\"],\"usage\":{\"input_tokens\":7,\"output_tokens\":8},\"metadata\":{}}}\n\n";
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    auto responses = scanner("openai-responses");
    const std::string all = created + text_delta + completed + "data: [DONE]\n\n";
    const auto got = scan(*responses, test::cut(all, seed));
    CHECK(got.forwarded == created + text_delta + completed);
    CHECK(got.terminal);
    CHECK(got.finish_seen);
    CHECK(got.reading.usage.input == 7);
    CHECK(got.reading.usage.output == 8);
  }
  const std::string image = chunk("{\"images\":[\"" + filler + "\"]}");
  const auto chat = scan("openai-chat", "chat", test::cut(role + image + "data: [DONE]\n\n", 3));
  CHECK(chat.forwarded == role + image + "data: [DONE]\n\n");
  CHECK(chat.content);
  CHECK(chat.terminal);
}

TEST_CASE("inside a long event nothing is injected") {
  auto chat = scanner("openai-chat");
  chat->feed(hello);
  CHECK_FALSE(chat->keepalive().empty());
  const std::string part(300 << 10, 'x');
  chat->feed("data: " + part);
  CHECK(chat->keepalive().empty());
  const Refusal cut{RefusalKind::upstream_failed, "cut", "", {}};
  CHECK(chat->error_event(cut).starts_with("\n\n"));
  chat->feed("\n\n");
  CHECK_FALSE(chat->keepalive().empty());
}

TEST_CASE("Chat is kept alive by a comment until content has gone out, then by an empty chunk") {
  auto chat = scanner("openai-chat");
  CHECK(chat->keepalive() == ": keep-alive\n");
  chat->feed(role);
  CHECK(chat->keepalive() == ": keep-alive\n");
  chat->feed(hello);
  const std::string alive = chat->keepalive();
  REQUIRE(alive.starts_with("data: "));
  REQUIRE(alive.ends_with("\n\n"));
  const Json json = *parse_json(alive.substr(6));
  CHECK(json["id"] == "c1");
  CHECK(json["model"] == "m");
  CHECK(json["created"] == 5);
  CHECK(json["choices"][0]["delta"] == Json::object());
  CHECK(json["choices"][0]["finish_reason"].is_null());
  chat->feed("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
  CHECK(chat->keepalive() == ": keep-alive\n");
  chat->feed("data: [DONE]\n\n");
  CHECK(chat->keepalive().empty());
}

TEST_CASE("Responses and Messages are kept alive by events of their own") {
  auto responses = scanner("openai-responses");
  responses->feed(created + text_delta);
  CHECK(responses->keepalive() ==
        "event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":5}\n\n");
  CHECK(scanner("anthropic")->keepalive() == "event: ping\ndata: {\"type\": \"ping\"}\n\n");
}

TEST_CASE("the error event of each dialect is one that its readers know, and no terminator") {
  const Refusal refusal{RefusalKind::upstream_failed, "it \"broke\"", "", {}};
  auto chat = scanner("openai-chat");
  const std::string said = chat->error_event(refusal);
  CHECK((*parse_json(said.substr(6)))["error"]["message"] == "it \"broke\"");
  auto messages = scanner("anthropic");
  messages->feed(message_start + block_delta);
  CHECK(messages->error_event(refusal) ==
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
        "\"it \\\"broke\\\"\"}}\n\n");
  CHECK(scanner("anthropic")->error_event(refusal).find("overloaded_error") != std::string::npos);

  auto responses = scanner("openai-responses");
  responses->feed(created + text_delta);
  const std::string both = responses->error_event(refusal);
  const std::size_t second = both.find("event: response.failed\ndata: ");
  REQUIRE(second != std::string::npos);
  const Json error = *parse_json(both.substr(both.find('{'), second - both.find('{')));
  const Json failed = *parse_json(both.substr(both.find('{', second)));
  CHECK(error["sequence_number"] == 5);
  CHECK(failed["sequence_number"] == 6);
  CHECK(failed["response"]["id"] == "resp_1");
  CHECK(failed["response"]["status"] == "failed");
  CHECK(failed["response"]["error"]["code"] == "server_error");
  CHECK(scanner("openai-responses")->error_event(refusal).find("server_is_overloaded") !=
        std::string::npos);
  for (const std::string& each : {said, both, messages->error_event(refusal)}) {
    CHECK(each.find("[DONE]") == std::string::npos);
    CHECK(each.find("message_stop") == std::string::npos);
    CHECK(each.find("response.completed") == std::string::npos);
  }
}

TEST_CASE("usage is the last that was said, and absurd or missing usage harms nothing") {
  const auto usage = [](const std::string& a, const std::string& b) {
    return scan("openai-chat", "chat",
                {hello + chunk("{}", ",\"usage\":" + a) + chunk("{}", ",\"usage\":" + b)})
        .reading.usage;
  };
  CHECK(usage(R"({"prompt_tokens":1,"completion_tokens":1})",
              R"({"prompt_tokens":1,"completion_tokens":5})")
            .output == 5);
  CHECK(usage(R"({"prompt_tokens":1,"completion_tokens":4})", "null").output == 4);
  CHECK(usage("\"lots\"", "[-1]").known() == false);
  CHECK(usage(R"({"prompt_tokens":-9,"completion_tokens":1e99})", "null").input == 0);
}

TEST_CASE("the type inside the data decides, wherever it stands there") {
  const auto late = scan("openai-responses", "responses",
                         {"data: {\"sequence_number\":3,\"response\":{\"status\":\"completed\"},"
                          "\"type\":\"response.completed\"}\n\n"});
  CHECK(late.terminal);
  const auto disguised = scan(
      "anthropic", "messages",
      {message_start, "event: content_block_delta\ndata: { \"type\" : \"message_stop\" }\n\n"});
  CHECK(disguised.terminal);
}

}  // namespace
}  // namespace routerone
