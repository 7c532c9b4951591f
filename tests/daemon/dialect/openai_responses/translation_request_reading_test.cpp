#include <doctest/doctest.h>

#include "daemon/dialect/carrier.h"
#include "translation_support.h"

using namespace routerone;
using namespace routerone::test::responses;

namespace {

template <class Kind>
const Kind& part(const chat::Turn& turn, std::size_t at) {
  return std::get<Kind>(turn.parts.at(at));
}

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

TEST_CASE("an input that is a text is what the user says") {
  const auto request = read(R"("input":"hello","stream":true,"max_output_tokens":50)");
  REQUIRE(request.turns.size() == 1);
  CHECK(request.turns[0].role == chat::Role::user);
  CHECK(part<chat::Text>(request.turns[0], 0).text == "hello");
  CHECK(request.stream);
  CHECK(request.output_cap == 50);
}

TEST_CASE("instructions stand before all messages, wherever they are among the fields") {
  const auto request = read(
      R"("input":[{"type":"message","role":"developer","content":"later"}],"instructions":"first")");
  REQUIRE(request.turns.size() == 2);
  CHECK(part<chat::Text>(request.turns[0], 0).text == "first");
  CHECK_FALSE(request.turns[0].developer);
  CHECK(request.turns[1].role == chat::Role::system);
  CHECK(request.turns[1].developer);
}

TEST_CASE("a message needs no type, and its content may be a text or parts") {
  const auto request = read_items(
      R"({"role":"user","content":"a"},{"type":"message","role":"user","content":[{"type":"input_text","text":"b"},{"type":"input_text","text":"c"}]})");
  REQUIRE(request.turns.size() == 2);
  CHECK(part<chat::Text>(request.turns[0], 0).text == "a");
  CHECK(part<chat::Text>(request.turns[1], 1).text == "c");
}

TEST_CASE("what the model said, thought and called in a row is one turn, in its order") {
  const auto request = read_items(
      R"({"type":"reasoning","summary":[{"type":"summary_text","text":"one"},{"type":"summary_text","text":"two"}],"encrypted_content":"gAAA","id":"rs_1","status":"completed"},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Looking."}],"phase":"commentary"},
      {"type":"function_call","call_id":"a","name":"f","arguments":"{\"z\":1,\"a\":2}","id":"fc_1"},
      {"type":"custom_tool_call","call_id":"b","name":"apply_patch","input":"*** Begin"},
      {"type":"function_call_output","call_id":"a","output":"done"},
      {"type":"custom_tool_call_output","call_id":"b","output":[{"type":"input_text","text":"ok"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo="}]},
      {"type":"function_call","call_id":"c","namespace":"clock","name":"sleep","arguments":""})");
  REQUIRE(request.turns.size() == 3);
  const chat::Turn& said = request.turns[0];
  REQUIRE(said.parts.size() == 4);
  CHECK(said.role == chat::Role::assistant);
  CHECK(said.phase == "commentary");
  CHECK(part<chat::Thinking>(said, 0).text == "one\n\ntwo");
  CHECK(part<chat::Thinking>(said, 0).state ==
        R"({"type":"reasoning","summary":[],"encrypted_content":"gAAA"})");
  CHECK(part<chat::Text>(said, 1).text == "Looking.");
  CHECK(part<chat::ToolCall>(said, 2).arguments == R"({"z":1,"a":2})");
  CHECK(part<chat::ToolCall>(said, 3).freeform);
  CHECK(part<chat::ToolCall>(said, 3).arguments == "*** Begin");
  const chat::Turn& results = request.turns[1];
  CHECK(results.role == chat::Role::user);
  REQUIRE(results.parts.size() == 2);
  CHECK(std::get<chat::Text>(part<chat::ToolResult>(results, 0).content[0]).text == "done");
  const auto& second = part<chat::ToolResult>(results, 1);
  CHECK(second.freeform);
  CHECK(std::get<chat::Media>(second.content[1]).media_type == "image/png");
  CHECK(part<chat::ToolCall>(request.turns[2], 0).group == "clock");
}

TEST_CASE("messages of different phases are turns of their own") {
  const auto request = read_items(
      R"({"type":"message","role":"assistant","phase":"commentary","content":"a"},{"type":"message","role":"assistant","phase":"final_answer","content":"b"})");
  REQUIRE(request.turns.size() == 2);
  CHECK(request.turns[1].phase == "final_answer");
}

TEST_CASE("state of another maker that travelled in encrypted_content is that maker's again") {
  chat::Thinking claude;
  claude.origin = "anthropic";
  claude.state = R"({"type":"thinking","thinking":"hm","signature":"EqQB"})";
  const std::string carried = dialect::write_carrier(claude);
  const auto request =
      read_items(R"({"type":"reasoning","summary":[],"encrypted_content":")" + carried + "\"}");
  const auto& thinking = part<chat::Thinking>(request.turns[0], 0);
  CHECK(thinking.origin == "anthropic");
  CHECK(thinking.state == claude.state);
  SUBCASE("damaged, it is nobody's") {
    const auto damaged = read_items(
        R"({"type":"reasoning","summary":[{"text":"seen"}],"encrypted_content":"r1.m.!!"})");
    CHECK(part<chat::Thinking>(damaged.turns[0], 0).state.empty());
    CHECK(part<chat::Thinking>(damaged.turns[0], 0).text == "seen");
  }
}

TEST_CASE("raw thinking that is not encrypted is kept as it is") {
  const auto request = read_items(
      R"({"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text","text":"raw"}]})");
  const auto& thinking = part<chat::Thinking>(request.turns[0], 0);
  CHECK(thinking.text == "raw");
  CHECK(thinking.state ==
        R"({"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"raw"}]})");
}

TEST_CASE("images and files come inline, by URL, and not by an id of their provider") {
  const auto request = read_items(
      R"({"role":"user","content":[{"type":"input_image","image_url":"https://x.example/a.png","detail":"high"},
      {"type":"input_image","image_url":"data:image/jpg;base64,/9j/4AAQ"},
      {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0x"},
      {"type":"input_file","file_url":"https://x.example/a.pdf"}]})");
  const chat::Turn& turn = request.turns[0];
  CHECK(part<chat::Media>(turn, 0).url == "https://x.example/a.png");
  CHECK(part<chat::Media>(turn, 0).detail == "high");
  CHECK(part<chat::Media>(turn, 1).media_type == "image/jpeg");
  CHECK(part<chat::Media>(turn, 2).name == "a.pdf");
  CHECK(part<chat::Media>(turn, 2).kind == chat::Media::Kind::document);
  CHECK(part<chat::Media>(turn, 3).url == "https://x.example/a.pdf");
  const auto held = read_items(
      R"({"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","file_id":"file_1"}]})");
  CHECK(held.own_only == std::vector<std::string>{"input[0].content[1].file_id"});
}

TEST_CASE("tools are functions, freeform, in namespaces and in the input") {
  const auto request = read(
      R"("tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{"z":{},"a":{}}},"strict":true},
      {"type":"custom","name":"apply_patch","format":{"type":"grammar","syntax":"lark","definition":"x"}},
      {"type":"namespace","name":"clock","tools":[{"type":"function","name":"sleep"}]}],
      "input":[{"type":"additional_tools","role":"developer","tools":[{"type":"namespace","name":"functions","tools":[{"type":"custom","name":"exec"}]}]},{"role":"user","content":"x"}])");
  REQUIRE(request.tools.size() == 4);
  CHECK(request.tools[0].schema == R"({"type":"object","properties":{"z":{},"a":{}}})");
  CHECK(request.tools[0].strict == true);
  CHECK(request.tools[1].kind == chat::Tool::Kind::freeform);
  CHECK(request.tools[1].schema == R"({"type":"grammar","syntax":"lark","definition":"x"})");
  CHECK(request.tools[2].group == "clock");
  CHECK_FALSE(request.tools[2].strict.has_value());
  CHECK(request.tools[3].group == "functions");
  CHECK(request.tools[3].kind == chat::Tool::Kind::freeform);
  CHECK(request.turns.size() == 1);
}

TEST_CASE("tools of the provider that agents always declare may be left out, others may not") {
  const auto spared = read(R"("tools":[{"type":"web_search","search_context_size":"low"}])");
  CHECK(spared.own_only.empty());
  CHECK(spared.tools[0].kind == chat::Tool::Kind::hosted);
  CHECK(spared.tools[0].raw == R"({"type":"web_search","search_context_size":"low"})");
  const auto missed = read(R"("tools":[{"type":"function","name":"f"},{"type":"file_search"}])");
  CHECK(missed.own_only == std::vector<std::string>{"tools[1].type"});
  const auto forced =
      read(R"("tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"})");
  CHECK(forced.own_only == std::vector<std::string>{"tool_choice"});
}

TEST_CASE("each way of choosing a tool") {
  using Mode = chat::ToolChoice::Mode;
  const auto mode = [](std::string_view choice) {
    return read(R"("tools":[],"tool_choice":)" + std::string(choice)).choice.mode;
  };
  CHECK(mode("\"auto\"") == Mode::automatic);
  CHECK(mode("\"required\"") == Mode::required);
  CHECK(mode("\"none\"") == Mode::none);
  const auto one = read(R"("tool_choice":{"type":"custom","name":"apply_patch"})").choice;
  CHECK(one.mode == Mode::one);
  CHECK(one.name == "apply_patch");
  const auto some = read(
      R"("tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"a"},{"type":"function","name":"b"}]})");
  CHECK(some.choice.mode == Mode::required);
  CHECK(some.choice.only == std::vector<std::string>{"a", "b"});
  CHECK(read(R"("parallel_tool_calls":false)").choice.parallel == false);
}

TEST_CASE("the settings have their places") {
  const auto request = read(
      R"("temperature":0.5,"top_p":0.25,"reasoning":{"effort":"xhigh","summary":"detailed"},"metadata":{"b":"1","a":"2"},
      "user":"old","safety_identifier":"new","prompt_cache_key":"k","service_tier":"flex",
      "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object"},"strict":true}})");
  CHECK(request.temperature == 0.5);
  CHECK(request.top_p == 0.25);
  CHECK(request.reasoning.effort == chat::Effort::xhigh);
  CHECK(request.reasoning.visible == true);
  CHECK(request.metadata == R"({"b":"1","a":"2"})");
  CHECK(request.user == "new");
  CHECK(request.cache_key == "k");
  CHECK(request.service_tier == "flex");
  CHECK(request.verbosity == "low");
  CHECK(request.format.kind == chat::Format::Kind::schema);
  CHECK(request.format.name == "n");
  CHECK(request.format.strict == true);
  CHECK(request.format.schema == R"({"type":"object"})");
  CHECK(request.hints.empty());
}

TEST_CASE("what only the provider can keep or do is refused elsewhere by its name") {
  for (const char* name : {"previous_response_id", "conversation", "prompt"}) {
    const auto request = read("\"" + std::string(name) + R"(":"x")");
    CHECK(request.own_only == std::vector<std::string>{name});
  }
  CHECK(has(read(R"("background":true)").own_only, "background"));
  CHECK(read(R"("background":false)").own_only.empty());
  CHECK(has(read(R"("top_logprobs":3)").own_only, "top_logprobs"));
  CHECK(has(read(R"("include":["message.output_text.logprobs"])").own_only, "include"));
  CHECK(has(read(R"("reasoning":{"mode":"pro"})").own_only, "reasoning.mode"));
  CHECK(has(read_items(R"({"type":"compaction_trigger"})").own_only, "input[0].type"));
  CHECK(has(read_items(R"({"type":"something_new"})").own_only, "input[0].type"));
}

TEST_CASE("a reference to an item is refused with what to send in its place") {
  const auto read = try_read(
      R"({"model":"m","input":[{"role":"user","content":"x"},{"type":"item_reference","id":"msg_1"}]})");
  REQUIRE_FALSE(read);
  CHECK(read.error().param == "input[1].type");
  CHECK(read.error().message.find("send the items themselves") != std::string::npos);
  CHECK(read.error().message.find("\"store\": false") != std::string::npos);
}

TEST_CASE("what changes nothing that the caller gets is a hint") {
  const auto request = read(
      R"("store":true,"truncation":"auto","client_metadata":{"a":"b"},"context_management":[],"include":["reasoning.encrypted_content","web_search_call.action.sources"],"stream_options":{"include_obfuscation":false},"reasoning":{"context":"all_turns"},"max_tool_calls":null)");
  for (const char* name : {"store", "truncation", "client_metadata", "context_management",
                           "include", "stream_options", "reasoning.context"}) {
    CHECK_MESSAGE(has(request.hints, name), name);
  }
  CHECK(request.hints.size() == 7);
  CHECK(request.own_only.empty());
  CHECK(read(R"("store":false,"include":["reasoning.encrypted_content"],"truncation":"disabled")")
            .hints.empty());
}

TEST_CASE("what the provider's own tools left is passed over, and what compaction left too") {
  const auto request = read_items(
      R"({"type":"web_search_call","id":"ws","status":"completed"},{"type":"compaction","encrypted_content":"x"},{"role":"user","content":"hi"})");
  CHECK(request.turns.size() == 1);
  CHECK(has(request.hints, "web_search_call"));
  CHECK(has(request.hints, "compaction"));
  CHECK(request.own_only.empty());
  CHECK(has(read_items(R"({"type":"compaction","encrypted_content":"x"})").own_only, "input"));
}

TEST_CASE("calls of tools that the provider defines and the caller carries out are calls") {
  const auto request = read_items(
      R"({"type":"local_shell_call","id":"ls","call_id":"a","action":{"type":"exec","command":["ls"]}},
      {"type":"local_shell_call_output","id":"a","output":"x"},
      {"type":"apply_patch_call","call_id":"b","operation":{"type":"delete_file","path":"p"}},
      {"type":"apply_patch_call_output","call_id":"b","status":"completed","output":"gone"},
      {"type":"shell_call","call_id":"c","action":{"commands":["ls"]}},
      {"type":"shell_call_output","call_id":"c","output":[{"stdout":"x","stderr":""}]})");
  REQUIRE(request.turns.size() == 6);
  CHECK(part<chat::ToolCall>(request.turns[0], 0).name == "local_shell");
  CHECK(part<chat::ToolCall>(request.turns[0], 0).arguments ==
        R"({"type":"exec","command":["ls"]})");
  CHECK(part<chat::ToolResult>(request.turns[1], 0).call_id == "a");
  CHECK(part<chat::ToolCall>(request.turns[2], 0).name == "apply_patch");
  const auto& output = part<chat::ToolResult>(request.turns[5], 0);
  CHECK(std::get<chat::Text>(output.content[0]).text == R"([{"stdout":"x","stderr":""}])");
}

TEST_CASE("a request that is none is refused for the field that is wrong") {
  CHECK(refused_for(R"({"model":"m"})") == "input");
  CHECK(refused_for("[]") == "body");
  CHECK(refused_for("{") == "body");
  CHECK(refused_for(R"({"model":"m","input":7})") == "input");
  CHECK(refused_for(R"({"model":"m","input":[{"role":"wizard","content":"x"}]})") ==
        "input[0].role");
  CHECK(refused_for(R"({"model":"m","input":"x","tools":{}})") == "tools");
  CHECK(refused_for(R"({"model":"m","input":"x","tools":[{"type":"function"}]})") ==
        "tools[0].name");
  CHECK(refused_for(R"({"model":"m","input":"x","reasoning":{"effort":"huge"}})") ==
        "reasoning.effort");
  CHECK(refused_for(R"({"model":"m","input":"x","tool_choice":"perhaps"})") == "tool_choice");
  CHECK(refused_for(R"({"model":"m","input":"x","max_output_tokens":"9"})") == "max_output_tokens");
  CHECK(
      refused_for(
          R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:,%"}]}]})") ==
      "");
  CHECK(
      refused_for(
          R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":""}]}]})") ==
      "input[0].content[0].image_url");
}
