#include <doctest/doctest.h>

#include "translation_support.h"

using namespace routerone;
using namespace routerone::test::responses;
using chat::Role;

namespace {

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

TEST_CASE("a plain request keeps nothing there, and asks for the state of thinking instead") {
  chat::Request request = simple_request();
  request.stream = true;
  const Written written = write(request);
  CHECK(written.path == "/responses");
  CHECK(
      written.text ==
      R"({"model":"gpt-6","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}],"include":["reasoning.encrypted_content"],"store":false,"stream":true})");
  CHECK(written.dropped.empty());
}

TEST_CASE("models that do not think are not asked for its state, nor for effort") {
  chat::Request request = simple_request();
  request.reasoning.effort = chat::Effort::high;
  const Written written = write(request, "gpt-4o");
  CHECK_FALSE(written.body.contains("include"));
  CHECK_FALSE(written.body.contains("reasoning"));
  CHECK(has(written.dropped, "reasoning.effort"));
}

TEST_CASE("one leading instruction is instructions; several stay messages in their order") {
  chat::Request request = simple_request();
  request.turns.insert(request.turns.begin(),
                       turn_of(Role::system, {text_part("one"), text_part("two")}));
  Written written = write(request);
  CHECK(written.body["instructions"] == "one\n\ntwo");
  CHECK(written.body["input"].size() == 1);
  request.turns.insert(request.turns.begin() + 1, turn_of(Role::system, {text_part("three")}));
  request.turns[1].developer = true;
  written = write(request);
  CHECK_FALSE(written.body.contains("instructions"));
  CHECK(written.body["input"][0]["role"] == "system");
  CHECK(written.body["input"][1]["role"] == "developer");
}

TEST_CASE("a later instruction stays where it is") {
  chat::Request request = simple_request();
  request.turns.push_back(turn_of(Role::assistant, {text_part("a")}));
  request.turns.push_back(turn_of(Role::system, {text_part("now")}));
  const Json input = write(request).body["input"];
  REQUIRE(input.size() == 3);
  CHECK(input[2]["role"] == "system");
  CHECK(input[1]["content"][0]["type"] == "output_text");
}

TEST_CASE("texts, thinking and calls of the model are items in their order") {
  chat::Request request = simple_request();
  request.turns.push_back(
      turn_of(Role::assistant,
              {own_thinking("hm", "gAAA"), text_part("a"), text_part("b"),
               call_part("1", "f", R"({"z":1,"a":2})"), text_part("c"), call_part("2", "g", "")}));
  request.turns.push_back(
      turn_of(Role::user, {result_part("2", {text_part("two")}),
                           result_part("1", {text_part("one")}), text_part("go on")}));
  const Json input = write(request).body["input"];
  REQUIRE(input.size() == 9);
  CHECK(input[1] == json_of(R"({"type":"reasoning","summary":[],"encrypted_content":"gAAA"})"));
  CHECK(input[2]["content"].size() == 2);
  CHECK(
      input[3] ==
      json_of(
          R"({"type":"function_call","call_id":"1","name":"f","arguments":"{\"z\":1,\"a\":2}"})"));
  CHECK(input[4]["content"][0]["text"] == "c");
  CHECK(input[5]["arguments"] == "{}");
  CHECK(input[6] == json_of(R"({"type":"function_call_output","call_id":"1","output":"one"})"));
  CHECK(input[7]["call_id"] == "2");
  CHECK(input[8]["content"][0]["text"] == "go on");
}

TEST_CASE("thinking of another maker, and thinking that led to nothing, is not sent") {
  chat::Request request = simple_request();
  chat::Thinking foreign;
  foreign.text = "secret";
  foreign.origin = "anthropic";
  foreign.state = R"({"type":"thinking"})";
  request.turns.push_back(turn_of(Role::assistant, {foreign, text_part("a")}));
  request.turns.push_back(turn_of(Role::user, {text_part("b")}));
  request.turns.push_back(turn_of(Role::assistant, {own_thinking("", "gAAA")}));
  const Written written = write(request);
  CHECK(written.body["input"].size() == 3);
  CHECK(written.text.find("secret") == std::string::npos);
  CHECK(written.text.find("gAAA") == std::string::npos);
}

TEST_CASE("results carry images and files, and say that they are errors") {
  chat::Request request = simple_request();
  chat::Media image;
  image.media_type = "image/png";
  image.data = "iVBORw0KGgo=";
  chat::Media file;
  file.kind = chat::Media::Kind::document;
  file.media_type = "text/plain";
  file.data = "words";
  file.is_text = true;
  file.name = "a.txt";
  chat::ToolResult broken = result_part("2", {text_part("no such file")});
  broken.is_error = true;
  request.turns.push_back(
      turn_of(Role::assistant, {call_part("1", "f", "{}"), call_part("2", "f", "{}")}));
  request.turns.push_back(
      turn_of(Role::user, {result_part("1", {text_part("see"), image, file}), broken}));
  const Json input = write(request).body["input"];
  CHECK(
      input[3]["output"] ==
      json_of(
          R"([{"type":"input_text","text":"see"},{"type":"input_image","detail":"auto","image_url":"data:image/png;base64,iVBORw0KGgo="},{"type":"input_file","filename":"a.txt","file_data":"data:text/plain;base64,d29yZHM="}])"));
  CHECK(input[4]["output"] == "Error: no such file");
}

TEST_CASE("sound and files of other providers are refused by name") {
  chat::Request request = simple_request();
  chat::Media sound;
  sound.kind = chat::Media::Kind::audio;
  sound.data = "UklGRg==";
  request.turns[0].parts.emplace_back(sound);
  CHECK(write(request).refused_param == "input_audio");
  chat::Media held;
  held.file_id = "file_1";
  request.turns[0].parts.back() = held;
  CHECK(write(request).refused_param == "file_id");
}

TEST_CASE(
    "a function always says whether it is strict, and strict is never said of an open schema") {
  chat::Request request = simple_request();
  request.tools = {function_tool("a"), function_tool("b", R"({"properties":{"x":{}}})"),
                   function_tool("c", R"({"type":"object","properties":{"x":{"type":"string"}}})"),
                   function_tool("d", R"({"type":"object","properties":{"x":{"type":"string"}},)"
                                      R"("required":["x"],"additionalProperties":false})")};
  request.tools[2].strict = request.tools[3].strict = true;
  const Written written = write(request);
  const Json& tools = written.body["tools"];
  CHECK(tools[0]["parameters"] == json_of(R"({"type":"object","properties":{}})"));
  CHECK(tools[0]["strict"] == false);
  CHECK_FALSE(tools[0].contains("description"));
  CHECK(tools[1]["parameters"] == json_of(R"({"type":"object","properties":{"x":{}}})"));
  CHECK(tools[2]["strict"] == false);
  CHECK(tools[3]["strict"] == true);
  CHECK(has(written.dropped, "strict"));
}

TEST_CASE("freeform tools stay freeform, with the grammar where this dialect has it") {
  chat::Request request = simple_request();
  chat::Tool tool = function_tool("apply_patch");
  tool.kind = chat::Tool::Kind::freeform;
  tool.schema = R"({"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}})";
  request.tools = {tool};
  request.choice.mode = chat::ToolChoice::Mode::one;
  request.choice.name = "apply_patch";
  chat::ToolCall call = call_part("1", "apply_patch", "*** Begin");
  call.freeform = true;
  request.turns.push_back(turn_of(Role::assistant, {call}));
  request.turns.push_back(turn_of(Role::user, {result_part("1", {text_part("ok")})}));
  const Json body = write(request).body;
  CHECK(body["tools"][0]["type"] == "custom");
  CHECK(body["tools"][0]["format"] ==
        json_of(R"({"type":"grammar","syntax":"lark","definition":"start: x"})"));
  CHECK(body["tool_choice"] == json_of(R"({"type":"custom","name":"apply_patch"})"));
  CHECK(body["input"][1]["type"] == "custom_tool_call");
  CHECK(body["input"][1]["input"] == "*** Begin");
  CHECK(body["input"][2]["type"] == "custom_tool_call_output");
}

TEST_CASE("tool choices, and none of it without tools") {
  using Mode = chat::ToolChoice::Mode;
  chat::Request request = simple_request();
  request.choice.parallel = false;
  CHECK_FALSE(write(request).body.contains("parallel_tool_calls"));
  CHECK_FALSE(write(request).body.contains("tool_choice"));
  request.tools = {function_tool("a"), function_tool("b")};
  CHECK(write(request).body["parallel_tool_calls"] == false);
  CHECK(write(request).body["tool_choice"] == "auto");
  request.choice.mode = Mode::required;
  CHECK(write(request).body["tool_choice"] == "required");
  request.choice.only = {"b"};
  CHECK(
      write(request).body["tool_choice"] ==
      json_of(
          R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"b"}]})"));
  request.choice = {};
  request.choice.mode = Mode::one;
  request.choice.name = "a";
  CHECK(write(request).body["tool_choice"] == json_of(R"({"type":"function","name":"a"})"));
  request.choice.name = "nobody";
  CHECK(write(request).refused_param == "tool_choice");
}

TEST_CASE("a tool that another provider runs is left out and named, unless it must be called") {
  chat::Request request = simple_request();
  chat::Tool hosted;
  hosted.kind = chat::Tool::Kind::hosted;
  hosted.name = "web_search_20250305";
  hosted.origin = "anthropic";
  request.tools = {hosted};
  const Written written = write(request);
  CHECK_FALSE(written.body.contains("tools"));
  CHECK(has(written.dropped, "tools.web_search_20250305"));
  request.choice.mode = chat::ToolChoice::Mode::required;
  CHECK(write(request).refused_param == "tool_choice");
}

TEST_CASE("names that the dialect does not take are spelled otherwise, everywhere alike") {
  chat::Request request = simple_request();
  request.tools = {function_tool("files.read/all")};
  request.choice.mode = chat::ToolChoice::Mode::one;
  request.choice.name = "files.read/all";
  request.turns.push_back(turn_of(Role::assistant, {call_part("1", "files.read/all", "{}")}));
  const Target target = target_of("gpt-6");
  const auto written = translation().write_request(request, target);
  const Json body = json_of(written->body);
  const std::string name = body["tools"][0]["name"];
  CHECK(name != "files.read/all");
  CHECK(body["input"][1]["name"] == name);
  CHECK(body["tool_choice"]["name"] == name);
  REQUIRE(written->renamed.size() == 1);
  CHECK(written->renamed[0].written == name);
  CHECK(written->renamed[0].means.name == "files.read/all");
}

TEST_CASE("an output cap is never below what the provider takes") {
  chat::Request request = simple_request();
  for (const auto& [asked, sent] : {std::pair{0, 16}, {1, 16}, {16, 16}, {17, 17}}) {
    request.output_cap = asked;
    CHECK(write(request).body["max_output_tokens"] == sent);
  }
  request.output_cap.reset();
  CHECK_FALSE(write(request).body.contains("max_output_tokens"));
}

TEST_CASE("sampling goes where the model takes it") {
  chat::Request request = simple_request();
  request.temperature = 0.7;
  request.top_p = 0.5;
  CHECK(write(request, "gpt-4o").body["temperature"] == 0.7);
  const Written thinker = write(request, "gpt-5");
  CHECK_FALSE(thinker.body.contains("temperature"));
  CHECK(thinker.dropped == std::vector<std::string>{"temperature", "top_p"});
}

TEST_CASE("effort stays absent, goes to the nearest level, and brings a summary to read") {
  chat::Request request = simple_request();
  CHECK_FALSE(write(request).body.contains("reasoning"));
  request.reasoning.effort = chat::Effort::xhigh;
  CHECK(write(request, "gpt-5").body["reasoning"] ==
        json_of(R"({"effort":"high","summary":"auto"})"));
  request.reasoning.visible = false;
  CHECK(write(request, "gpt-6").body["reasoning"] == json_of(R"({"effort":"xhigh"})"));
  request.reasoning = {};
  request.reasoning.budget = 5000;
  CHECK(write(request, "gpt-6").body["reasoning"]["effort"] == "medium");
  request.reasoning = {};
  request.reasoning.adaptive = true;
  CHECK(write(request, "gpt-6").body["reasoning"] == json_of(R"({"summary":"auto"})"));
  request.reasoning = {};
  request.reasoning.off = true;
  CHECK(write(request, "gpt-6").body["reasoning"] == json_of(R"({"effort":"none"})"));
}

TEST_CASE("structured output names its schema, and is strict only where that can be") {
  chat::Request request = simple_request();
  request.format.kind = chat::Format::Kind::json;
  CHECK(write(request).body["text"] == json_of(R"({"format":{"type":"json_object"}})"));
  request.format.kind = chat::Format::Kind::schema;
  request.format.schema = R"({"type":"object","properties":{"a":{"type":"string"}}})";
  request.verbosity = "low";
  Json text = write(request).body["text"];
  CHECK(text["format"]["name"] == "response");
  CHECK(text["format"]["strict"] == false);
  CHECK(text["verbosity"] == "low");
  request.format.schema =
      R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
  CHECK(write(request).body["text"]["format"]["strict"] == true);
}

TEST_CASE("who is behind the caller fits the field, and always comes out the same") {
  chat::Request request = simple_request();
  request.user = "u1";
  request.cache_key = "k";
  CHECK(write(request).body["safety_identifier"] == "u1");
  CHECK(write(request).body["prompt_cache_key"] == "k");
  request.user = std::string(200, 'x');
  const std::string hashed = write(request).body["safety_identifier"];
  CHECK(hashed.size() == 64);
  CHECK(write(request).body["safety_identifier"] == hashed);
}

TEST_CASE("what the dialect has no field for is left out and named; several answers are refused") {
  chat::Request request = simple_request();
  request.hints = {"logit_bias"};
  request.seed = 7;
  request.top_k = 3;
  request.presence_penalty = 0;
  request.frequency_penalty = 1;
  request.stops = {"END"};
  const Written written = write(request);
  CHECK(written.dropped ==
        std::vector<std::string>{"logit_bias", "top_k", "seed", "frequency_penalty"});
  CHECK(written.text.find("END") == std::string::npos);
  request.choices = 2;
  CHECK(write(request).refused_param == "n");
  request.choices = 1;
  request.own_only = {"mcp_servers"};
  CHECK(write(request).refused_param == "mcp_servers");
  CHECK(write(request).refused_message.find("gpt-6") != std::string::npos);
}

TEST_CASE("a count is asked for in its own place, without what only an answer needs") {
  chat::Request request = simple_request();
  request.count_only = true;
  request.output_cap = 100;
  const Written written = write(request);
  CHECK(written.path == "/responses/input_tokens");
  CHECK(written.body.size() == 2);
  CHECK(written.body.contains("input"));
}
