#include <doctest/doctest.h>

#include "tests/daemon/dialect/openai_chat/translation_support.h"

namespace routerone {
namespace {

using chat::Answer;
using chat::Finish;
using chat::Text;
using chat::Thinking;
using chat::ToolCall;
using test::chat_translation;
using test::part;

std::string completion(std::string_view message, std::string_view finish = "\"stop\"") {
  return R"({"id":"chatcmpl-up","model":"up","choices":[{"index":0,"message":)" +
         std::string(message) + R"(,"finish_reason":)" + std::string(finish) +
         R"(}],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,
         "prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":30},
         "completion_tokens_details":{"reasoning_tokens":5}}})";
}

Answer read(std::string_view body) {
  auto answer = chat_translation().read_answer(body);
  REQUIRE(answer);
  return std::move(*answer);
}

Json write(const Answer& answer, const chat::Request& asked = {}) {
  return test::parsed(chat_translation().write_answer(answer, asked, {"own", 7, "asked-model"}));
}

TEST_CASE("a whole completion is read with its parts in order and each class of its usage") {
  const Answer answer = read(completion(R"({"role":"assistant","reasoning_content":"hm",
    "content":"Hi","tool_calls":[{"id":"c1","type":"function",
    "function":{"name":"f","arguments":"{\"b\":1}"}}]})",
                                        "\"tool_calls\""));
  CHECK(answer.id == "chatcmpl-up");
  REQUIRE(answer.parts.size() == 3);
  CHECK(part<Thinking>(answer.parts, 0).text == "hm");
  CHECK(part<Thinking>(answer.parts, 0).state == R"({"reasoning_content":"hm"})");
  CHECK(part<Text>(answer.parts, 1).text == "Hi");
  CHECK(part<ToolCall>(answer.parts, 2).arguments == R"({"b":1})");
  CHECK(answer.ending.finish == Finish::tool_calls);
  CHECK(answer.ending.usage.input == 10);
  CHECK(answer.ending.usage.cache_read == 60);
  CHECK(answer.ending.usage.cache_write_5m == 30);
  CHECK(answer.ending.usage.output == 20);
  CHECK(answer.ending.usage.reasoning == 5);
}

TEST_CASE("why it ended is derived from what it did") {
  const auto finish = [](std::string_view message, std::string_view word) {
    return read(completion(message, word)).ending.finish;
  };
  const char* called = R"({"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]})";
  CHECK(finish(called, "\"stop\"") == Finish::tool_calls);
  CHECK(finish(called, "\"length\"") == Finish::length);
  CHECK(finish(R"({"content":"x"})", "\"eos\"") == Finish::stop);
  CHECK(finish(R"({"content":"x"})", "null") == Finish::stop);
  CHECK(finish(R"({"content":"x"})", "\"content_filter\"") == Finish::content_filter);
  CHECK(finish(R"({"content":null,"refusal":"No."})", "\"stop\"") == Finish::refusal);
  const auto failed = chat_translation().read_answer(completion(R"({"content":"x"})", "\"error\""));
  CHECK(failed.error() == FailureClass::server_error);
}

TEST_CASE("a 200 that is an error or nothing fails as what it says") {
  const auto failure = [](std::string_view body) {
    const auto answer = chat_translation().read_answer(body);
    return answer ? FailureClass::none : answer.error();
  };
  CHECK(failure("<html>") == FailureClass::bad_answer);
  CHECK(failure(R"({"choices":[]})") == FailureClass::bad_answer);
  CHECK(failure(R"({"error":{"message":"slow down","code":429}})") == FailureClass::rate_limited);
}

TEST_CASE("content in parts is read, thinking among it as thinking") {
  const Answer answer = read(completion(R"({"content":[
    {"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hi"}]})"));
  REQUIRE(answer.parts.size() == 2);
  CHECK(part<Thinking>(answer.parts, 0).text == "hm");
  CHECK(part<Text>(answer.parts, 1).text == "Hi");
}

TEST_CASE("calls without an id or with the same one get ids of their own, always the same") {
  const std::string body = completion(R"({"tool_calls":[
    {"function":{"name":"f","arguments":{"a":1}}},
    {"id":"x","function":{"name":"f","arguments":""}},
    {"id":"x","function":{"name":"f","arguments":"{}"}}]})");
  const Answer answer = read(body);
  CHECK(part<ToolCall>(answer.parts, 0).id == "call_up_0");
  CHECK(part<ToolCall>(answer.parts, 0).arguments == R"({"a":1})");
  CHECK(part<ToolCall>(answer.parts, 1).arguments == "{}");
  CHECK(part<ToolCall>(answer.parts, 2).id == "x_2");
}

TEST_CASE("a filtered answer without a message is an empty answer") {
  const Answer answer = read(R"({"choices":[{"index":0,"finish_reason":"content_filter"}]})");
  CHECK(answer.parts.empty());
  CHECK(answer.ending.finish == Finish::content_filter);
}

TEST_CASE("an answer is written with all that the dialect's types require") {
  Answer answer;
  answer.id = "msg_01Abc";
  Text text;
  text.text = "Hi";
  answer.parts = {text};
  answer.ending.finish = Finish::stop;
  answer.ending.usage.input = 10;
  answer.ending.usage.cache_read = 60;
  answer.ending.usage.cache_write_5m = 20;
  answer.ending.usage.cache_write_1h = 10;
  answer.ending.usage.output = 20;
  const Json out = write(answer);
  CHECK(out["id"] == "chatcmpl-01Abc");
  CHECK(out["object"] == "chat.completion");
  CHECK(out["created"] == 7);
  CHECK(out["model"] == "asked-model");
  const Json& choice = out["choices"][0];
  CHECK(choice["message"] ==
        Json({{"role", "assistant"}, {"content", "Hi"}, {"refusal", nullptr}}));
  CHECK(choice["logprobs"].is_null());
  CHECK(choice["finish_reason"] == "stop");
  CHECK(out["usage"]["prompt_tokens"] == 100);
  CHECK(out["usage"]["total_tokens"] == 120);
  CHECK(out["usage"]["prompt_tokens_details"]["cached_tokens"] == 60);
  CHECK(out["usage"]["prompt_tokens_details"]["cache_write_tokens"] == 30);
  CHECK(out["usage"]["completion_tokens_details"]["reasoning_tokens"] == 0);
}

TEST_CASE("usage that nobody told is left out") {
  CHECK_FALSE(write(Answer()).contains("usage"));
  CHECK(write(Answer())["choices"][0]["message"]["content"] == "");
}

TEST_CASE("a refusal is told as such, in whichever way it came") {
  Answer explained;
  explained.ending.finish = Finish::refusal;
  explained.ending.explanation = "Not this.";
  CHECK(write(explained)["choices"][0]["message"]["refusal"] == "Not this.");
  CHECK(write(explained)["choices"][0]["finish_reason"] == "content_filter");
  Answer said;
  Text refusal;
  refusal.text = "No.";
  refusal.refusal = true;
  said.parts = {refusal};
  said.ending.finish = Finish::refusal;
  CHECK(write(said)["choices"][0]["message"]["refusal"] == "No.");
  CHECK(write(said)["choices"][0]["message"]["content"].is_null());
  CHECK(write(said)["choices"][0]["finish_reason"] == "stop");
}

Answer called() {
  Answer answer;
  ToolCall call;
  call.id = "c1";
  call.name = "f";
  answer.parts = {call};
  answer.ending.finish = Finish::tool_calls;
  return answer;
}

TEST_CASE("a call without arguments is written with an empty object, and content is null") {
  const Json message = write(called())["choices"][0]["message"];
  CHECK(message["content"].is_null());
  CHECK(message["tool_calls"][0]["function"]["arguments"] == "{}");
  CHECK(message["tool_calls"][0]["type"] == "function");
}

TEST_CASE("a caller that asked with functions is answered with a function call") {
  chat::Request asked;
  asked.legacy_calls = true;
  const Json choice = write(called(), asked)["choices"][0];
  CHECK(choice["message"]["function_call"]["name"] == "f");
  CHECK_FALSE(choice["message"].contains("tool_calls"));
  CHECK(choice["finish_reason"] == "function_call");
}

TEST_CASE("state of each maker is written in its own format, unknown ones in a carrier") {
  Answer answer;
  Thinking claude;
  claude.text = "hm";
  claude.origin = "anthropic";
  claude.state = R"({"type":"thinking","thinking":"hm","signature":"sig"})";
  Thinking dark;
  dark.origin = "anthropic";
  dark.redacted = true;
  dark.state = R"({"type":"redacted_thinking","data":"xx"})";
  Thinking other;
  other.origin = "gemini";
  other.state = R"({"thought":1})";
  answer.parts = {claude, dark, other};
  const Json message = write(answer)["choices"][0]["message"];
  CHECK(message["reasoning_content"] == "hm");
  const Json& details = message["reasoning_details"];
  REQUIRE(details.size() == 4);
  CHECK(details[0]["text"] == "hm");
  CHECK(details[1]["signature"] == "sig");
  CHECK(details[2]["data"] == "xx");
  CHECK(details[2]["index"] == 1);
  CHECK(details[3]["data"].get<std::string>().starts_with("r1.g."));
}

TEST_CASE("state comes back from a caller as it went out to it") {
  Answer answer;
  Thinking reasoning;
  reasoning.text = "s";
  reasoning.origin = "openai-responses";
  reasoning.id = "rs_1";
  reasoning.state =
      R"({"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAA"})";
  Thinking other;
  other.origin = "gemini";
  other.state = R"({"thought":1})";
  answer.parts = {reasoning, other};
  const Json message = write(answer)["choices"][0]["message"];
  CHECK(message["reasoning_details"][1]["id"] == "rs_1");
  const auto request = test::read_chat(test::with_messages(message.dump()));
  REQUIRE(request);
  const auto& parts = request->turns[0].parts;
  REQUIRE(parts.size() == 2);
  CHECK(part<Thinking>(parts, 0).origin == "openai-responses");
  CHECK(
      part<Thinking>(parts, 0).state ==
      R"({"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAA"})");
  CHECK(part<Thinking>(parts, 1).state == other.state);
}

TEST_CASE("sources with an address are annotations, both ways") {
  const Answer answer = read(completion(R"({"content":"x","annotations":[{"type":"url_citation",
    "url_citation":{"url":"https://a.test","title":"A","start_index":1,"end_index":2}}]})"));
  const Json written = write(answer)["choices"][0]["message"]["annotations"];
  CHECK(written[0]["url_citation"] ==
        Json({{"url", "https://a.test"}, {"title", "A"}, {"start_index", 1}, {"end_index", 2}}));
}

}  // namespace
}  // namespace routerone
