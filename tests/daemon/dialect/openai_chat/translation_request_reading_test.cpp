#include <doctest/doctest.h>

#include "tests/daemon/dialect/openai_chat/translation_support.h"

namespace routerone {
namespace {

using chat::Media;
using chat::Role;
using chat::Text;
using chat::Thinking;
using chat::ToolCall;
using chat::ToolChoice;
using chat::ToolResult;
using test::hello_and;
using test::part;
using test::read_chat;
using test::with_messages;

TEST_CASE("a chat request's roles become turns in the order in which they stand") {
  const auto request = read_chat(with_messages(R"({"role":"developer","content":"Be brief."},
    {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
    {"role":"assistant","content":"Yes."},{"role":"system","content":"Later."},
    {"role":"user","content":"Go on."})"));
  REQUIRE(request);
  REQUIRE(request->turns.size() == 5);
  CHECK(request->turns[0].role == Role::system);
  CHECK(request->turns[0].developer);
  CHECK(part<Text>(request->turns[1].parts, 1).text == "b");
  CHECK(request->turns[2].role == Role::assistant);
  CHECK(request->turns[3].role == Role::system);
  CHECK_FALSE(request->turns[3].developer);
  CHECK(part<Text>(request->turns[4].parts, 0).text == "Go on.");
}

TEST_CASE("calls and their results are read with arguments as they were written") {
  const auto request = read_chat(with_messages(
      R"({"role":"assistant","content":null,"tool_calls":[
        {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"z\":1,\"a\":2.50}"}},
        {"id":"c2","type":"function","function":{"name":"g","arguments":""}},
        {"id":"c3","type":"custom","custom":{"name":"patch","input":"*** Begin"}}]},
      {"role":"tool","tool_call_id":"c1","content":"one"},
      {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"}]})"));
  REQUIRE(request);
  const auto& calls = request->turns[0].parts;
  REQUIRE(calls.size() == 3);
  CHECK(part<ToolCall>(calls, 0).arguments == R"({"z":1,"a":2.50})");
  CHECK(part<ToolCall>(calls, 1).arguments == "{}");
  CHECK(part<ToolCall>(calls, 2).freeform);
  CHECK(part<ToolCall>(calls, 2).arguments == "*** Begin");
  const auto& result = part<ToolResult>(request->turns[2].parts, 0);
  CHECK(request->turns[2].role == Role::user);
  CHECK(result.call_id == "c2");
  CHECK(part<Text>(result.content, 0).text == "two");
}

TEST_CASE("media are taken from data URLs, addresses and files, by what they are") {
  const auto request = read_chat(with_messages(R"({"role":"user","content":[
    {"type":"image_url","image_url":{"url":"data:image/jpg;base64,iVBORw0KGgoAAAAN","detail":"low"}},
    {"type":"image_url","image_url":{"url":"https://pictures.test/a.png"}},
    {"type":"input_audio","input_audio":{"data":"UklGRiQAAABXQVZF","format":"wav"}},
    {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0x"}},
    {"type":"file","file":{"file_id":"file-1"}}]})"));
  REQUIRE(request);
  const auto& parts = request->turns[0].parts;
  REQUIRE(parts.size() == 5);
  CHECK(part<Media>(parts, 0).media_type == "image/png");
  CHECK(part<Media>(parts, 0).detail == "low");
  CHECK(part<Media>(parts, 1).url == "https://pictures.test/a.png");
  CHECK(part<Media>(parts, 2).kind == Media::Kind::audio);
  CHECK(part<Media>(parts, 2).media_type == "audio/wav");
  CHECK(part<Media>(parts, 3).kind == Media::Kind::document);
  CHECK(part<Media>(parts, 3).name == "a.pdf");
  CHECK(part<Media>(parts, 4).file_id == "file-1");
}

TEST_CASE("tools, the choice among them and their number at once are read") {
  const auto request = read_chat(hello_and(R"(,"tools":[
    {"type":"function","function":{"name":"f","description":"d","parameters":{"b":1,"a":2},
     "strict":true}},
    {"type":"custom","custom":{"name":"c","format":{"type":"text"}}},
    {"type":"web_search"}],
    "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false)"));
  REQUIRE(request);
  REQUIRE(request->tools.size() == 3);
  CHECK(request->tools[0].schema == R"({"b":1,"a":2})");
  CHECK(request->tools[0].strict == true);
  CHECK(request->tools[1].kind == chat::Tool::Kind::freeform);
  CHECK(request->tools[2].kind == chat::Tool::Kind::hosted);
  CHECK(request->choice.mode == ToolChoice::Mode::one);
  CHECK(request->choice.name == "f");
  CHECK(request->choice.parallel == false);
}

TEST_CASE("a choice among some tools is read with its mode") {
  const auto request = read_chat(hello_and(R"(,"tool_choice":{"type":"allowed_tools",
    "allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}})"));
  REQUIRE(request);
  CHECK(request->choice.mode == ToolChoice::Mode::required);
  CHECK(request->choice.only == std::vector<std::string>{"f"});
}

TEST_CASE("what came before tools is read as tools, and remembered for the answer") {
  const auto request = read_chat(with_messages(
      R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
         {"role":"function","name":"f","content":"done"})",
      R"(,"functions":[{"name":"f","parameters":{}}],"function_call":"none")"));
  REQUIRE(request);
  CHECK(request->legacy_calls);
  CHECK(request->tools[0].name == "f");
  CHECK(request->choice.mode == ToolChoice::Mode::none);
  CHECK(part<ToolCall>(request->turns[0].parts, 0).name == "f");
  CHECK(part<ToolResult>(request->turns[1].parts, 0).name == "f");
}

TEST_CASE("settings are read under each of their names") {
  const auto request = read_chat(hello_and(
      R"(,"max_tokens":5,"max_completion_tokens":7,"temperature":1,"top_p":0.5,"seed":3,"n":2,
      "stop":["a","","b"],"reasoning_effort":"xhigh","user":"u","safety_identifier":"s",
      "prompt_cache_key":"k","verbosity":"low","metadata":{"b":"1","a":"2"},"stream":true,
      "stream_options":{"include_usage":true})"));
  REQUIRE(request);
  CHECK(request->output_cap == 7);
  CHECK(request->temperature == 1.0);
  CHECK(request->top_p == 0.5);
  CHECK(request->choices == 2);
  CHECK(request->stops == std::vector<std::string>{"a", "b"});
  CHECK(request->reasoning.effort == chat::Effort::xhigh);
  CHECK(request->user == "s");
  CHECK(request->metadata == R"({"b":"1","a":"2"})");
  CHECK(request->stream);
  CHECK(request->wants_usage);
  CHECK_FALSE(read_chat(hello_and(""))->wants_usage);
}

TEST_CASE("the newer name of the output cap wins wherever the older one stands") {
  CHECK(read_chat(hello_and(R"(,"max_completion_tokens":7,"max_tokens":5)"))->output_cap == 7);
}

TEST_CASE("a response format is un-nested with its schema's keys in order") {
  const auto request = read_chat(hello_and(R"(,"response_format":{"type":"json_schema",
    "json_schema":{"name":"n","strict":true,"schema":{"type":"object","b":1,"a":2}}})"));
  REQUIRE(request);
  CHECK(request->format.kind == chat::Format::Kind::schema);
  CHECK(request->format.schema == R"({"type":"object","b":1,"a":2})");
  CHECK(request->format.strict == true);
}

TEST_CASE("fields of this dialect alone are hints, or named as missed where the caller would") {
  const auto request = read_chat(hello_and(
      R"(,"logit_bias":{"1":2},"store":true,"logprobs":true,"prediction":null,"new_thing":1,
      "modalities":["text"])"));
  REQUIRE(request);
  CHECK(request->hints ==
        std::vector<std::string>{"logit_bias", "store", "new_thing", "modalities"});
  CHECK(request->own_only == std::vector<std::string>{"logprobs"});
  const auto quiet = read_chat(hello_and(R"(,"logprobs":false,"store":false,"top_logprobs":0)"));
  CHECK(quiet->hints.empty());
  CHECK(quiet->own_only.empty());
  CHECK(read_chat(hello_and(R"(,"modalities":["audio","text"])"))->own_only.size() == 1);
}

TEST_CASE("what is malformed is refused by the name of the field") {
  const auto param = [](const std::string& body) {
    const auto request = read_chat(body);
    return request ? "" : request.error().param;
  };
  CHECK(param(R"({"model":"m"})") == "messages");
  CHECK(param(with_messages(R"({"role":"user","content":"a"},{"role":"robot","content":"b"})")) ==
        "messages[1].role");
  CHECK(param(with_messages(R"({"role":"user","content":[{"type":"hologram"}]})")) ==
        "messages[0].content[0].type");
  CHECK(param(with_messages(
            R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}}]})")) ==
        "messages[0].content[0].image_url.url");
  CHECK(param(hello_and(R"(,"temperature":"hot")")) == "temperature");
  CHECK(param(hello_and(R"(,"n":1.5)")) == "n");
  CHECK(param(hello_and(R"(,"reasoning_effort":"very")")) == "reasoning_effort");
  CHECK(param(hello_and(R"(,"tools":[{"type":"function"}])")) == "tools[0]");
  CHECK(param(hello_and(R"(,"tools":[{"type":"custom"}])")) == "tools[0]");
  CHECK(param(hello_and(R"(,"tool_choice":"perhaps")")) == "tool_choice");
  CHECK(param(hello_and(R"(,"response_format":{"type":"json_schema"})")) ==
        "response_format.json_schema.schema");
}

TEST_CASE("thinking that a caller sends back belongs to whoever made it") {
  const auto request = read_chat(with_messages(R"({"role":"assistant","content":"x",
    "reasoning_content":"ab","reasoning_details":[
      {"type":"reasoning.text","text":"a","format":"anthropic-claude-v1","index":0},
      {"type":"reasoning.text","text":"b","format":"anthropic-claude-v1","index":0},
      {"type":"reasoning.text","signature":"sig","format":"anthropic-claude-v1","index":0},
      {"type":"reasoning.encrypted","data":"dark","format":"anthropic-claude-v1","index":1},
      {"type":"reasoning.summary","summary":"s","format":"openai-responses-v1","index":2},
      {"type":"reasoning.encrypted","data":"gAAA","id":"rs_1","format":"openai-responses-v1",
       "index":2}]})"));
  REQUIRE(request);
  const auto& parts = request->turns[0].parts;
  REQUIRE(parts.size() == 4);
  const auto& signed_block = part<Thinking>(parts, 0);
  CHECK(signed_block.origin == "anthropic");
  CHECK(signed_block.text == "ab");
  CHECK(signed_block.state == R"({"type":"thinking","thinking":"ab","signature":"sig"})");
  CHECK(part<Thinking>(parts, 1).redacted);
  CHECK(part<Thinking>(parts, 1).state == R"({"type":"redacted_thinking","data":"dark"})");
  CHECK(part<Thinking>(parts, 2).origin == "openai-responses");
  CHECK(part<Thinking>(parts, 2).text == "s");
  CHECK(part<Text>(parts, 3).text == "x");
}

TEST_CASE("thinking whose pieces an SDK has joined, their formats too, is still its maker's") {
  const auto request = read_chat(with_messages(R"({"role":"assistant","content":"x",
    "reasoning_details":[
      {"type":"reasoning.text","text":"ab","signature":"sig","index":0,
       "format":"anthropic-claude-v1anthropic-claude-v1anthropic-claude-v1"},
      {"type":"reasoning.summary","summary":"s","data":"gAAA","id":"rs_1","index":1,
       "format":"openai-responses-v1openai-responses-v1"}]})"));
  REQUIRE(request);
  const auto& parts = request->turns[0].parts;
  REQUIRE(parts.size() == 3);
  CHECK(part<Thinking>(parts, 0).state ==
        R"({"type":"thinking","thinking":"ab","signature":"sig"})");
  CHECK(
      part<Thinking>(parts, 1).state ==
      R"({"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAA"})");
}

TEST_CASE("plain reasoning text that a caller sends back is this dialect's own") {
  const auto request = read_chat(with_messages(
      R"({"role":"assistant","content":"x","reasoning_content":"hm"},
         {"role":"assistant","content":"y","thinking_blocks":[
           {"type":"thinking","thinking":"t","signature":"s"}]})"));
  REQUIRE(request);
  const auto& own = part<Thinking>(request->turns[0].parts, 0);
  CHECK(own.origin == "openai-chat");
  CHECK(own.state == R"({"reasoning_content":"hm"})");
  CHECK(part<Thinking>(request->turns[1].parts, 0).origin == "anthropic");
}

}  // namespace
}  // namespace routerone
