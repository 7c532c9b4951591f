#include <doctest/doctest.h>

#include "daemon/dialect/carrier.h"
#include "translation_support.h"

using namespace routerone;
using namespace routerone::test::responses;
using chat::Finish;

namespace {

tl::expected<chat::Answer, FailureClass> answer_of(std::string_view members) {
  return translation().read_answer(
      R"({"id":"resp_1","object":"response","status":"completed","model":"gpt-6-x",)" +
      std::string(members) + "}");
}

Json written(const chat::Answer& answer, const chat::Request& asked = {}) {
  return json_of(translation().write_answer(answer, asked, facts));
}

constexpr std::string_view one_of_each =
    R"json("output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gAAA"},
    {"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","url":"https://x.example","title":"X","start_index":0,"end_index":2}]}]},
    {"type":"web_search_call","id":"ws_1","status":"completed"},
    {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"z\":1,\"a\":2}"},
    {"type":"custom_tool_call","id":"ctc_1","call_id":"call_2","name":"exec","namespace":"functions","input":"text(1)"
}],
    "usage":{"input_tokens":1200,"input_tokens_details":{"cached_tokens":1000,"cache_write_tokens":80},"output_tokens":60,"output_tokens_details":{"reasoning_tokens":20},"total_tokens":1260})json";

}  // namespace

TEST_CASE("a whole answer is read with its parts in order, its usage and its ending") {
  const auto answer = answer_of(one_of_each);
  REQUIRE(answer.has_value());
  CHECK(words_of(*answer) ==
        R"w(thinking(hm) text(Hi) call(f {"z":1,"a":2}) freeform(exec text(1)))w");
  CHECK(answer->id == "resp_1");
  CHECK(answer->model == "gpt-6-x");
  CHECK(answer->ending.finish == Finish::tool_calls);
  const Usage& usage = answer->ending.usage;
  CHECK(usage.input == 120);
  CHECK(usage.cache_read == 1000);
  CHECK(usage.cache_write_5m == 80);
  CHECK(usage.output == 60);
  CHECK(usage.reasoning == 20);
  CHECK(usage.web_searches == 1);
  const auto& thinking = std::get<chat::Thinking>(answer->parts[0]);
  CHECK(thinking.origin == "openai-responses");
  CHECK(thinking.state == R"({"type":"reasoning","summary":[],"encrypted_content":"gAAA"})");
  CHECK(std::get<chat::Text>(answer->parts[1]).citations.at(0).url == "https://x.example");
  CHECK(std::get<chat::ToolCall>(answer->parts[3]).group == "functions");
}

TEST_CASE("how an answer ended") {
  const auto finish = [](std::string_view members) { return answer_of(members)->ending.finish; };
  const std::string text =
      R"("output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}])";
  const std::string refusal =
      R"("output":[{"type":"message","content":[{"type":"refusal","refusal":"no"}]}])";
  CHECK(finish(text) == Finish::stop);
  CHECK(finish(refusal) == Finish::refusal);
  CHECK(finish(R"("output":[])") == Finish::stop);
  const auto incomplete = [](std::string_view reason) {
    const auto answer = translation().read_answer(
        R"({"id":"r","status":"incomplete","incomplete_details":{"reason":")" +
        std::string(reason) +
        R"("},"output":[{"type":"function_call","call_id":"a","name":"f","arguments":"{\"x"}]})");
    return answer->ending.finish;
  };
  CHECK(incomplete("max_output_tokens") == Finish::length);
  CHECK(incomplete("content_filter") == Finish::content_filter);
  CHECK(incomplete("steered") == Finish::tool_calls);
}

TEST_CASE("what is no answer is a failure") {
  const auto failure = [](std::string_view body) {
    const auto answer = translation().read_answer(body);
    return answer ? FailureClass::none : answer.error();
  };
  CHECK(failure("") == FailureClass::bad_answer);
  CHECK(failure("[]") == FailureClass::bad_answer);
  CHECK(failure(R"({"id":"r"})") == FailureClass::bad_answer);
  CHECK(failure(R"({"id":"r","status":"in_progress","output":[]})") == FailureClass::bad_answer);
  CHECK(failure(R"({"id":"r","status":"failed","error":null,"output":[]})") ==
        FailureClass::server_error);
  CHECK(
      failure(
          R"({"id":"r","status":"failed","error":{"code":"rate_limit_exceeded","message":"x"},"output":[]})") ==
      FailureClass::rate_limited);
  CHECK(failure(R"({"error":{"type":"server_error","message":"x"}})") ==
        FailureClass::server_error);
}

TEST_CASE("a count is read and written") {
  const auto counted =
      translation().read_answer(R"({"object":"response.input_tokens","input_tokens":42})");
  CHECK(counted->ending.usage.input == 42);
  chat::Request asked;
  asked.count_only = true;
  CHECK(written(*counted, asked) ==
        json_of(R"({"object":"response.input_tokens","input_tokens":42})"));
}

TEST_CASE("an answer that is written and read again is the same") {
  const auto answer = answer_of(one_of_each);
  const std::string text = translation().write_answer(*answer, {}, facts);
  const auto again = translation().read_answer(text);
  REQUIRE(again.has_value());
  CHECK(words_of(*again) == words_of(*answer));
  CHECK(again->ending.finish == answer->ending.finish);
  CHECK(again->ending.usage.input == 120);
  CHECK(again->ending.usage.cache_write_5m == 80);
  // Its own state comes back in the carrier, as any other's.
  const auto& thinking = std::get<chat::Thinking>(again->parts[0]);
  CHECK(thinking.state == std::get<chat::Thinking>(answer->parts[0]).state);
  CHECK(std::get<chat::Text>(again->parts[1]).citations.at(0).to == 2);
}

TEST_CASE("ids have the caller's kind, the model the caller's name, usage all of its numbers") {
  chat::Answer answer;
  answer.id = "chatcmpl-abc";
  answer.model = "upstream-model";
  answer.parts.emplace_back(own_thinking("hm", "gAAA"));
  answer.parts.emplace_back(text_part("Hi"));
  answer.parts.emplace_back(call_part("toolu_1", "f", ""));
  const Json body = written(answer);
  CHECK(body["id"] == "resp_abc");
  CHECK(body["model"] == "r1/model");
  CHECK(body["created_at"] == 1'795'000'000);
  CHECK(body["output"][0]["id"] == "rs_abc_0");
  CHECK(body["output"][1]["id"] == "msg_abc_1");
  CHECK(body["output"][2]["id"] == "fc_abc_2");
  CHECK(body["output"][2]["call_id"] == "toolu_1");
  CHECK(body["output"][2]["arguments"] == "{}");
  CHECK(
      body["usage"] ==
      json_of(
          R"({"input_tokens":0,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":0,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":0})"));
}

TEST_CASE("the caller's settings are repeated, and what it left open is filled in") {
  const Json plain = written({});
  CHECK(plain["tools"] == Json::array());
  CHECK(plain["tool_choice"] == "auto");
  CHECK(plain["parallel_tool_calls"] == true);
  CHECK(plain["temperature"] == 1.0);
  CHECK(plain["store"] == false);
  CHECK(plain["metadata"] == Json::object());
  CHECK(plain["reasoning"] == json_of(R"({"effort":null,"summary":null})"));
  CHECK(plain["text"] == json_of(R"({"format":{"type":"text"},"verbosity":"medium"})"));
  const chat::Request asked = read(
      R"("instructions":"be brief","temperature":0.5,"max_output_tokens":99,"metadata":{"k":"v"},"prompt_cache_key":"key",
      "tools":[{"type":"namespace","name":"clock","description":"clock","tools":[{"type":"function","name":"sleep","parameters":{"type":"object","properties":{}},"strict":false}]},{"type":"custom","name":"exec"},{"type":"web_search"}],
      "tool_choice":{"type":"function","namespace":"clock","name":"sleep"},"parallel_tool_calls":false,
      "reasoning":{"effort":"low","summary":"auto"},"text":{"verbosity":"low","format":{"type":"json_object"}})");
  const Json body = written({}, asked);
  CHECK(body["instructions"] == "be brief");
  CHECK(body["temperature"] == 0.5);
  CHECK(body["max_output_tokens"] == 99);
  CHECK(body["metadata"]["k"] == "v");
  CHECK(body["prompt_cache_key"] == "key");
  CHECK(body["parallel_tool_calls"] == false);
  CHECK(body["reasoning"] == json_of(R"({"effort":"low","summary":"auto"})"));
  CHECK(body["text"] == json_of(R"({"format":{"type":"json_object"},"verbosity":"low"})"));
  CHECK(
      body["tools"] ==
      json_of(
          R"([{"type":"namespace","name":"clock","description":"clock","tools":[{"type":"function","name":"sleep","parameters":{"type":"object","properties":{}},"strict":false}]},{"type":"custom","name":"exec"},{"type":"web_search"}])"));
  CHECK(body["tool_choice"] ==
        json_of(R"({"type":"function","namespace":"clock","name":"sleep"})"));
}

TEST_CASE("endings of other dialects") {
  const auto body = [](Finish finish, std::string explanation = {}) {
    chat::Answer answer;
    answer.parts.emplace_back(text_part("One two"));
    answer.ending.finish = finish;
    answer.ending.explanation = std::move(explanation);
    return written(answer);
  };
  for (const Finish finish :
       {Finish::stop, Finish::tool_calls, Finish::stop_sequence, Finish::pause, Finish::unknown}) {
    CHECK(body(finish)["status"] == "completed");
    CHECK(body(finish)["incomplete_details"].is_null());
  }
  const Json cut = body(Finish::length);
  CHECK(cut["status"] == "incomplete");
  CHECK(cut["incomplete_details"]["reason"] == "max_output_tokens");
  CHECK(cut["output"][0]["status"] == "incomplete");
  CHECK(body(Finish::content_filter)["incomplete_details"]["reason"] == "content_filter");
  const Json refused = body(Finish::refusal, "declined (cyber)");
  CHECK(refused["status"] == "completed");
  CHECK(refused["output"][1]["content"][0]["refusal"] == "declined (cyber)");
  // Refused without a word: it must not look whole.
  CHECK(body(Finish::refusal)["incomplete_details"]["reason"] == "content_filter");
}

TEST_CASE("texts that follow each other are one message, and their sources count on") {
  chat::Answer answer;
  chat::Text cited = text_part("Grüße, ");
  cited.citations = {{"https://a.example", "A", 0, 5, ""}};
  chat::Text more = text_part("Welt");
  more.citations = {{"https://b.example", "B", 0, 4, ""}, {"", "no web page", 0, 1, ""}};
  answer.parts = {cited, more, call_part("1", "f", "{}"), text_part("!")};
  const Json output = written(answer)["output"];
  REQUIRE(output.size() == 3);
  const Json& part = output[0]["content"][0];
  CHECK(part["text"] == "Grüße, Welt");
  REQUIRE(part["annotations"].size() == 2);
  CHECK(part["annotations"][1]["start_index"] == 7);
  CHECK(part["annotations"][1]["end_index"] == 11);
  CHECK(output[2]["content"][0]["text"] == "!");
}

TEST_CASE("a call's signature stands before the call, in a reasoning item of its own") {
  chat::Answer answer;
  chat::ToolCall call = call_part("1", "f", "{}");
  call.signature = "EuYC";
  answer.parts = {call};
  const Json output = written(answer)["output"];
  REQUIRE(output.size() == 2);
  CHECK(output[0]["type"] == "reasoning");
  const auto held = dialect::read_carrier(output[0]["encrypted_content"].get<std::string>());
  CHECK(dialect::held_signature(*held) == "EuYC");
}
