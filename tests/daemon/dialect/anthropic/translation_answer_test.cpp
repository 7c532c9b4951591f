#include <doctest/doctest.h>

#include "translation_support.h"

using namespace routerone;
using namespace routerone::messages_test;

namespace {

constexpr std::string_view whole = R"({
  "id":"msg_01","type":"message","role":"assistant","model":"claude-x",
  "content":[
    {"type":"thinking","thinking":"hm","signature":"EqQB"},
    {"type":"server_tool_use","id":"s","name":"web_search","input":{}},
    {"type":"text","text":"Grüße","citations":[{"type":"web_search_result_location","url":"https://a.example","title":"A","cited_text":"q","encrypted_index":"e"}]},
    {"type":"tool_use","id":"toolu_1","name":"f","input":{"b":1,"a":2}},
    {"type":"tool_use","id":"toolu_2","name":"g","input":{}}],
  "stop_reason":"tool_use","stop_sequence":null,
  "usage":{"input_tokens":120,"cache_read_input_tokens":1000,"cache_creation_input_tokens":80,
    "cache_creation":{"ephemeral_5m_input_tokens":50,"ephemeral_1h_input_tokens":30},
    "output_tokens":60,"output_tokens_details":{"thinking_tokens":20}}})";

chat::Answer answer_of(std::vector<chat::Part> parts, chat::Finish finish = chat::Finish::stop) {
  chat::Answer out;
  out.id = "chatcmpl-up1";
  out.parts = std::move(parts);
  out.ending.finish = finish;
  return out;
}

Json written(const chat::Answer& answer) {
  return json_of(messages_translation().write_answer(answer, {}, facts));
}

}  // namespace

TEST_CASE("a whole answer is read block by block, in order") {
  const auto read = messages_translation().read_answer(whole);
  REQUIRE(read.has_value());
  CHECK(read->id == "msg_01");
  CHECK(read->model == "claude-x");
  REQUIRE(read->parts.size() == 4);
  const auto& thinking = std::get<chat::Thinking>(read->parts[0]);
  CHECK(thinking.origin == "anthropic");
  CHECK(json_of(thinking.state).at("signature") == "EqQB");
  const auto& text = std::get<chat::Text>(read->parts[1]);
  REQUIRE(text.citations.size() == 1);
  CHECK(text.citations[0].url == "https://a.example");
  CHECK(text.citations[0].to == 5);
  CHECK(std::get<chat::ToolCall>(read->parts[2]).arguments == R"({"b":1,"a":2})");
  CHECK(std::get<chat::ToolCall>(read->parts[3]).arguments == "{}");
  CHECK(read->ending.finish == chat::Finish::tool_calls);
}

TEST_CASE("usage is read in all its buckets") {
  const auto usage = messages_translation().read_answer(whole)->ending.usage;
  CHECK(usage.input == 120);
  CHECK(usage.cache_read == 1000);
  CHECK(usage.cache_write_5m == 50);
  CHECK(usage.cache_write_1h == 30);
  CHECK(usage.output == 60);
  CHECK(usage.reasoning == 20);
}

TEST_CASE("an answer that is none is a failure") {
  const auto failure = [](std::string_view body) {
    const auto read = messages_translation().read_answer(body);
    return read ? FailureClass::none : read.error();
  };
  CHECK(failure("<html>") == FailureClass::bad_answer);
  CHECK(failure("{}") == FailureClass::bad_answer);
  CHECK(failure(R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})") ==
        FailureClass::overloaded);
}

TEST_CASE("a count is read as the usage's input and written in its own form") {
  const auto read = messages_translation().read_answer(R"({"input_tokens":2095})");
  REQUIRE(read.has_value());
  CHECK(read->ending.usage.input == 2095);
  chat::Request asked;
  asked.count_only = true;
  CHECK(messages_translation().write_answer(*read, asked, facts) == R"({"input_tokens":2095})");
}

TEST_CASE("an answer is written with every member its readers want") {
  auto answer = answer_of({text_part("hello")});
  answer.ending.usage.input = 12;
  answer.ending.usage.output = 5;
  const Json out = written(answer);
  CHECK(out == json_of(R"({"id":"msg_up1","type":"message","role":"assistant","model":"r1/model",
    "content":[{"type":"text","text":"hello","citations":null}],"container":null,
    "diagnostics":null,"stop_reason":"end_turn","stop_sequence":null,"stop_details":null,
    "usage":{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,
    "cache_creation":null,"output_tokens":5,"output_tokens_details":null,"server_tool_use":null,
    "service_tier":null,"inference_geo":null,"speed":null}})"));
}

TEST_CASE("an answer without an id of its own is called by ours") {
  auto answer = answer_of({});
  answer.id.clear();
  CHECK(written(answer).at("id") == "msg_req_r1_1");
}

TEST_CASE("usage is written without counting anything twice") {
  auto answer = answer_of({});
  auto& usage = answer.ending.usage;
  usage.input = 100;
  usage.input_audio = 20;
  usage.cache_read = 1000;
  usage.cache_write_5m = 50;
  usage.cache_write_1h = 30;
  usage.output = 60;
  usage.reasoning = 20;
  const Json out = written(answer).at("usage");
  CHECK(out.at("input_tokens") == 120);
  CHECK(out.at("cache_read_input_tokens") == 1000);
  CHECK(out.at("cache_creation_input_tokens") == 80);
  CHECK(out.at("cache_creation").at("ephemeral_1h_input_tokens") == 30);
  CHECK(out.at("output_tokens") == 60);
  CHECK(out.at("output_tokens_details").at("thinking_tokens") == 20);
}

TEST_CASE("text that is not there is no block") {
  CHECK(written(answer_of({text_part("")})).at("content").empty());
  CHECK(written(answer_of({chat::Thinking{}})).at("content").empty());
}

TEST_CASE("arguments that are no object become one, so that the caller can say so") {
  const Json content =
      written(answer_of({call_part("call_1", "f", "{oops"), call_part("call_2", "g", ""),
                         call_part("call_3", "h", "[1]")}))
          .at("content");
  CHECK(content[0].at("input") == json_of(R"({"_raw":"{oops"})"));
  CHECK(content[1].at("input") == json_of("{}"));
  CHECK(content[2].at("input") == json_of(R"({"value":[1]})"));
}

TEST_CASE("an answer with calls never just stopped") {
  const auto reason = [](chat::Finish finish) {
    return written(answer_of({call_part("c", "f", "{}")}, finish)).at("stop_reason");
  };
  CHECK(reason(chat::Finish::stop) == "tool_use");
  CHECK(reason(chat::Finish::unknown) == "tool_use");
  CHECK(reason(chat::Finish::length) == "max_tokens");
}

TEST_CASE("each ending has its word") {
  const auto reason = [](chat::Finish finish) {
    return written(answer_of({text_part("t")}, finish)).at("stop_reason");
  };
  CHECK(reason(chat::Finish::stop) == "end_turn");
  CHECK(reason(chat::Finish::length) == "max_tokens");
  CHECK(reason(chat::Finish::content_filter) == "refusal");
  CHECK(reason(chat::Finish::refusal) == "refusal");
  CHECK(reason(chat::Finish::pause) == "pause_turn");
  CHECK(reason(chat::Finish::unknown) == "end_turn");
}

TEST_CASE("a refusal is one, whether it is the ending or the text that says so") {
  chat::Text said = text_part("I can't.");
  said.refusal = true;
  CHECK(written(answer_of({said})).at("stop_reason") == "refusal");
  auto answer = answer_of({}, chat::Finish::refusal);
  answer.ending.explanation = "not this";
  CHECK(written(answer).at("stop_details").at("explanation") == "not this");
}

TEST_CASE("the sequence that stopped it is told where it is known") {
  auto answer = answer_of({text_part("t")}, chat::Finish::stop_sequence);
  answer.ending.stop_sequence = "END";
  CHECK(written(answer).at("stop_sequence") == "END");
}

TEST_CASE("state of another provider travels in the signature, a call's before the call") {
  chat::Thinking thinking;
  thinking.text = "hm";
  thinking.origin = "openai-responses";
  thinking.state = R"({"type":"reasoning","summary":[],"encrypted_content":"gAAAAABo-real"})";
  chat::ToolCall call = call_part("c", "f", "{}");
  call.signature = "EuYC";
  const Json content = written(answer_of({thinking, text_part("t"), call})).at("content");
  REQUIRE(content.size() == 4);
  CHECK(content[0].at("signature") ==
        "r1.r.W3sidHlwZSI6InJlYXNvbmluZyIsInN1bW1hcnkiOltdLCJlbmNyeXB0ZWRfY29udGVudCI6ImdBQUFBQUJv"
        "LXJlYWwifV0");
  CHECK(content[2].at("type") == "thinking");
  CHECK(content[2].at("thinking") == "");
  CHECK(content[2].at("signature").get<std::string>().starts_with("r1.g."));
  CHECK(content[3].at("type") == "tool_use");
}

TEST_CASE("another's state is never the last block of an answer that says something") {
  chat::Thinking state;
  state.origin = "gemini";
  state.state = R"({"text":"","thoughtSignature":"U2ln"})";
  const auto types = [](const Json& message) {
    std::string out;
    for (const Json& block : message.at("content"))
      out += block.at("type").get<std::string>() + " ";
    return out;
  };
  const chat::ToolCall call = call_part("c", "f", "{}");
  CHECK(types(written(answer_of({text_part("t"), state}))) == "text ");
  CHECK(types(written(answer_of({text_part("t"), state, call}))) == "text thinking tool_use ");
  CHECK(types(written(answer_of({state, text_part("t"), state, state}))) == "thinking text ");
  CHECK(types(written(answer_of({state}))) == "thinking ");
}

TEST_CASE("this provider's own state comes back as its own signature") {
  chat::Thinking thinking;
  thinking.text = "hm";
  thinking.origin = "anthropic";
  thinking.state = R"({"type":"thinking","thinking":"hm","signature":"EqQB"})";
  CHECK(written(answer_of({thinking})).at("content")[0].at("signature") == "EqQB");
}

TEST_CASE("an answer read and written again says the same") {
  const auto read = messages_translation().read_answer(whole);
  const auto again =
      messages_translation().read_answer(messages_translation().write_answer(*read, {}, facts));
  REQUIRE(again.has_value());
  CHECK(again->parts.size() == read->parts.size());
  CHECK(again->ending.finish == read->ending.finish);
  CHECK(again->ending.usage.cache_write_1h == read->ending.usage.cache_write_1h);
  CHECK(std::get<chat::ToolCall>(again->parts[2]).arguments ==
        std::get<chat::ToolCall>(read->parts[2]).arguments);
}
