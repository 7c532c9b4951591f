#include <doctest/doctest.h>

#include "translation_support.h"

using namespace routerone;
using namespace routerone::messages_test;

namespace {

chat::Request read_or_fail(std::string_view body, std::string_view operation = "messages") {
  auto read = read_messages(body, operation);
  REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
  return std::move(*read);
}

template <class Kind>
const Kind& part(const chat::Request& request, std::size_t turn, std::size_t at) {
  REQUIRE(request.turns.size() > turn);
  REQUIRE(request.turns[turn].parts.size() > at);
  const auto* found = std::get_if<Kind>(&request.turns[turn].parts[at]);
  REQUIRE(found != nullptr);
  return *found;
}

std::string param_of(std::string_view body) {
  const auto read = read_messages(body);
  return read ? "accepted" : read.error().param;
}

std::string with_content(std::string_view role, std::string_view content) {
  return R"({"model":"m","max_tokens":9,"messages":[{"role":")" + std::string(role) +
         R"(","content":)" + std::string(content) + "}]}";
}

}  // namespace

TEST_CASE("instructions stand in front, block by block with their cache marks") {
  const auto request = read_or_fail(messages_body(
      R"("system":[{"type":"text","text":"A"},{"type":"text","text":"B","cache_control":{"type":"ephemeral","ttl":"1h"}}])"));
  REQUIRE(request.turns.size() == 2);
  CHECK(request.turns[0].role == chat::Role::system);
  CHECK(part<chat::Text>(request, 0, 0).text == "A");
  CHECK(part<chat::Text>(request, 0, 1).cache == chat::CacheMark::long_lived);
  CHECK(part<chat::Text>(request, 1, 0).text == "hi");
}

TEST_CASE("the client's note in front of the instructions is left out") {
  const auto whole = read_or_fail(messages_body(
      R"("system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=1"},{"type":"text","text":"A"}])"));
  REQUIRE(whole.turns.size() == 2);
  CHECK(whole.turns[0].parts.size() == 1);
  const auto line = read_or_fail(
      messages_body(R"("system":"x-anthropic-billing-header: cc_version=1\nBe brief.")"));
  CHECK(part<chat::Text>(line, 0, 0).text == "Be brief.");
  const auto quoted =
      read_or_fail(messages_body(R"("system":"Never send x-anthropic-billing-header: 1")"));
  CHECK(part<chat::Text>(quoted, 0, 0).text == "Never send x-anthropic-billing-header: 1");
}

TEST_CASE("instructions without text are none") {
  CHECK(read_or_fail(messages_body(R"("system":"")")).turns.size() == 1);
  CHECK(read_or_fail(messages_body(R"("system":[{"type":"text","text":""}])")).turns.size() == 1);
}

TEST_CASE("a later instruction stays where it is, and its effort wins over the request's") {
  for (const char* order : {"before", "after"}) {
    CAPTURE(order);
    const std::string config = R"("output_config":{"effort":"low"})";
    const std::string turns =
        R"("messages":[{"role":"user","content":"a"},{"role":"system","content":"s","output_config":{"effort":"max"}},{"role":"assistant","content":"b"}])";
    const bool before = std::string_view(order) == "before";
    const auto request = read_or_fail(R"({"model":"m","max_tokens":9,)" +
                                      (before ? config + "," + turns : turns + "," + config) + "}");
    REQUIRE(request.turns.size() == 3);
    CHECK(request.turns[1].role == chat::Role::system);
    CHECK(request.reasoning.effort == chat::Effort::max);
  }
}

TEST_CASE("calls keep the order and the spelling of their arguments' members") {
  const auto request = read_or_fail(with_content(
      "assistant",
      R"([{"type":"text","text":"t"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"z":1,"a":{"y":[1.5,2],"b":null}}},{"type":"tool_use","id":"toolu_2","name":"g","input":{}}])"));
  CHECK(part<chat::ToolCall>(request, 0, 1).arguments == R"({"z":1,"a":{"y":[1.5,2],"b":null}})");
  CHECK(part<chat::ToolCall>(request, 0, 1).id == "toolu_1");
  CHECK(part<chat::ToolCall>(request, 0, 2).arguments == "{}");
}

TEST_CASE("what tools gave comes first, with its pictures") {
  const auto request = read_or_fail(with_content(
      "user",
      R"([{"type":"text","text":"now"},{"type":"tool_result","tool_use_id":"a","is_error":true,"content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]},{"type":"tool_result","tool_use_id":"b","content":"plain"}])"));
  const auto& first = part<chat::ToolResult>(request, 0, 0);
  CHECK(first.call_id == "a");
  CHECK(first.is_error);
  REQUIRE(first.content.size() == 2);
  CHECK(std::get<chat::Media>(first.content[1]).media_type == "image/png");
  CHECK(part<chat::ToolResult>(request, 0, 1).call_id == "b");
  CHECK(part<chat::Text>(request, 0, 2).text == "now");
}

TEST_CASE("documents are read from every source that others can take") {
  const auto request = read_or_fail(with_content(
      "user",
      R"([{"type":"document","title":"T","context":"from mail","source":{"type":"text","media_type":"text/plain","data":"words"}},)"
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjQ="}},)"
      R"({"type":"document","source":{"type":"url","url":"https://x.example/a.pdf"}},)"
      R"({"type":"document","source":{"type":"content","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}}])"));
  CHECK(part<chat::Text>(request, 0, 0).text == "from mail");
  const auto& text = part<chat::Media>(request, 0, 1);
  CHECK(text.is_text);
  CHECK(text.data == "words");
  CHECK(text.name == "T");
  CHECK(part<chat::Media>(request, 0, 2).media_type == "application/pdf");
  CHECK(part<chat::Media>(request, 0, 3).url == "https://x.example/a.pdf");
  CHECK(part<chat::Media>(request, 0, 4).data == "one\ntwo");
}

TEST_CASE("nobody but the model calls, and nobody else's turn thinks") {
  const std::string call = R"([{"type":"tool_use","id":"a","name":"f","input":{}}])";
  CHECK(param_of(with_content("user", call)) == "messages.0.content");
  CHECK(param_of(with_content("assistant", call)) == "accepted");
  const auto read = read_or_fail(with_content(
      "user",
      R"([{"type":"thinking","thinking":"hm","signature":"EqQB"},{"type":"text","text":"t"}])"));
  CHECK(read.turns.at(0).parts.size() == 1);
}

TEST_CASE("media with nothing in it is refused by its place") {
  for (const char* source :
       {R"({"type":"file"})", R"({"type":"file","file_id":""})", R"({"type":"text","data":""})",
        R"({"type":"url","url":"data:,"})", R"({"type":"content","content":[]})"}) {
    CAPTURE(source);
    CHECK(param_of(with_content("user", R"([{"type":"document","source":)" + std::string(source) +
                                            "}]")) == "messages.0.content.0.source");
  }
}

TEST_CASE("thinking is kept with its whole state where it is this provider's") {
  const auto request = read_or_fail(with_content(
      "assistant",
      R"([{"type":"thinking","thinking":"hm","signature":"EqQB"},{"type":"redacted_thinking","data":"xyz"},{"type":"text","text":"t"}])"));
  const auto& thinking = part<chat::Thinking>(request, 0, 0);
  CHECK(thinking.text == "hm");
  CHECK(thinking.origin == "anthropic");
  CHECK(json_of(thinking.state) ==
        json_of(R"({"type":"thinking","thinking":"hm","signature":"EqQB"})"));
  const auto& redacted = part<chat::Thinking>(request, 0, 1);
  CHECK(redacted.redacted);
  CHECK(json_of(redacted.state) == json_of(R"({"type":"redacted_thinking","data":"xyz"})"));
}

TEST_CASE("state of others comes back out of the signature that carried it") {
  // [{"type":"reasoning","summary":[],"encrypted_content":"gAAAAABo-real"}]
  const auto request = read_or_fail(with_content(
      "assistant",
      R"([{"type":"thinking","thinking":"hm","signature":"r1.r.W3sidHlwZSI6InJlYXNvbmluZyIsInN1bW1hcnkiOltdLCJlbmNyeXB0ZWRfY29udGVudCI6ImdBQUFBQUJvLXJlYWwifV0"}])"));
  const auto& thinking = part<chat::Thinking>(request, 0, 0);
  CHECK(thinking.origin == "openai-responses");
  CHECK(json_of(thinking.state).at("encrypted_content") == "gAAAAABo-real");
  CHECK(thinking.text == "hm");
  const auto damaged = read_or_fail(
      with_content("assistant", R"([{"type":"thinking","thinking":"hm","signature":"r1.r.%%"}])"));
  CHECK(part<chat::Thinking>(damaged, 0, 0).state.empty());
}

TEST_CASE("what the provider's own tools left behind is dropped and named") {
  const auto request = read_or_fail(with_content(
      "assistant",
      R"([{"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"t"}])"));
  CHECK(request.turns[0].parts.size() == 1);
  CHECK(request.hints == std::vector<std::string>{"server_tool_use", "web_search_tool_result"});
}

TEST_CASE("tools are read with their schema as it came") {
  const auto request = read_or_fail(messages_body(
      R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{"z":{},"a":{}}},"strict":true,"defer_loading":true,"cache_control":{"type":"ephemeral"}},{"type":"web_search_20250305","name":"web_search","max_uses":3}])"));
  REQUIRE(request.tools.size() == 2);
  CHECK(request.tools[0].schema == R"({"type":"object","properties":{"z":{},"a":{}}})");
  CHECK(request.tools[0].strict == true);
  CHECK(request.tools[0].cache == chat::CacheMark::short_lived);
  CHECK(request.hints == std::vector<std::string>{"defer_loading"});
  CHECK(request.tools[1].kind == chat::Tool::Kind::hosted);
  CHECK(request.tools[1].origin == "anthropic");
  CHECK(request.own_only.empty());
}

TEST_CASE("a tool that only this provider's models know how to call goes nowhere else") {
  const auto request =
      read_or_fail(messages_body(R"("tools":[{"type":"bash_20250124","name":"bash"}])"));
  CHECK(request.own_only == std::vector<std::string>{"tools.0.type"});
}

TEST_CASE("each choice of tools is understood") {
  const auto choice = [](std::string_view json) {
    return read_or_fail(messages_body(R"("tool_choice":)" + std::string(json))).choice;
  };
  CHECK(choice(R"({"type":"any"})").mode == chat::ToolChoice::Mode::required);
  CHECK(choice(R"({"type":"none"})").mode == chat::ToolChoice::Mode::none);
  const auto one = choice(R"({"type":"tool","name":"f","disable_parallel_tool_use":true})");
  CHECK(one.mode == chat::ToolChoice::Mode::one);
  CHECK(one.name == "f");
  CHECK(one.parallel == false);
  CHECK_FALSE(choice(R"({"type":"auto","disable_parallel_tool_use":false})").parallel.has_value());
}

TEST_CASE("thinking is read in each of its forms") {
  const auto read = [](std::string_view members) {
    return read_or_fail(messages_body(members)).reasoning;
  };
  const auto counted = read(R"("thinking":{"type":"enabled","budget_tokens":5000})");
  CHECK(counted.budget == 5000);
  const auto adaptive = read(
      R"("thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"xhigh"})");
  CHECK(adaptive.adaptive);
  CHECK(adaptive.visible == false);
  CHECK(adaptive.effort == chat::Effort::xhigh);
  CHECK(read(R"("thinking":{"type":"disabled"})").off);
  CHECK(read_or_fail(messages_body(R"("thinking":{"type":"between_tools"})")).hints ==
        std::vector<std::string>{"thinking"});
}

TEST_CASE("settings are read, and what nobody else knows is a hint") {
  const auto request = read_or_fail(messages_body(
      R"("stream":true,"temperature":0.5,"top_p":0.9,"top_k":7,"stop_sequences":["a","","b"],"service_tier":"standard_only","metadata":{"user_id":"u_session_42"},"context_management":{},"speed":"fast","container":null)"));
  CHECK(request.stream);
  CHECK(request.output_cap == 100);
  CHECK(request.temperature == 0.5);
  CHECK(request.top_k == 7);
  CHECK(request.stops == std::vector<std::string>{"a", "b"});
  CHECK(request.user == "u_session_42");
  CHECK(request.cache_key == "42");
  CHECK(request.hints == std::vector<std::string>{"context_management", "speed"});
}

TEST_CASE("structured output is read with its schema") {
  const auto request = read_or_fail(messages_body(
      R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})"));
  CHECK(request.format.kind == chat::Format::Kind::schema);
  CHECK(request.format.schema == R"({"type":"object"})");
  CHECK_FALSE(request.format.strict.has_value());
}

TEST_CASE("what would change the answer and is nobody else's is named") {
  CHECK(read_or_fail(messages_body(R"("mcp_servers":[{"type":"url"}])")).own_only ==
        std::vector<std::string>{"mcp_servers"});
  CHECK(read_or_fail(messages_body(R"("mcp_servers":[])")).own_only.empty());
  CHECK(read_or_fail(messages_body(R"("container":"c")")).own_only ==
        std::vector<std::string>{"container"});
  for (const char* thread :
       {R"({"type":"create"})", R"({"type":"continue","previous_message_id":"msg_1"})"}) {
    CHECK(read_or_fail(messages_body(R"("thread":)" + std::string(thread))).own_only ==
          std::vector<std::string>{"thread"});
  }
  const auto request = read_or_fail(with_content("user", R"([{"type":"hologram"}])"));
  CHECK(request.own_only == std::vector<std::string>{"messages.0.content.0.type"});
}

TEST_CASE("a request that is none names the field") {
  CHECK(param_of("[]") == "body");
  CHECK(param_of(R"({"model":"m","max_tokens":1})") == "messages");
  CHECK(param_of(R"({"model":"m","messages":[]})") == "max_tokens");
  CHECK(param_of(with_content("tool", R"("x")")) == "messages.0.role");
  CHECK(param_of(with_content("user", "5")) == "messages.0.content");
  CHECK(param_of(with_content("user", R"([{"type":"text"}])")) == "messages.0.content.0.text");
  CHECK(param_of(with_content("user", R"([{"type":"image","source":{"type":"base64"}}])")) ==
        "messages.0.content.0.source");
  CHECK(param_of(messages_body(R"("output_config":{"effort":"huge"})")) == "output_config.effort");
}

TEST_CASE("a count needs no cap and says that it is one") {
  const auto request =
      read_or_fail(R"({"model":"m","messages":[{"role":"user","content":"hi"}]})", "count_tokens");
  CHECK(request.count_only);
  CHECK_FALSE(request.output_cap.has_value());
}
