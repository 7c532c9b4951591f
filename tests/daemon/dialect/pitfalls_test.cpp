// Mistakes that other translators have made and that no other test here would catch by its name;
// the table of all of them is tests/pitfalls.md.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/json.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/sse_event.h"
#include "daemon/dialect/tool_history.h"
#include "daemon/dialect/translating_scanner.h"
#include "tests/daemon/dialect/anthropic/legal_messages.h"

namespace routerone {
namespace {

const dialect::Dialect& named(std::string_view id) { return *dialect::find(id); }

/// What a caller of `to` is told when these bytes come from a provider of `from`, read by read.
std::string told_reads(std::string_view from, std::string_view to,
                       const std::vector<std::string>& reads) {
  const chat::Request asked;
  const dialect::WrittenRequest written;
  dialect::TranslatingScanner scanner(
      named(from).scan_stream(named(from).operations().front(), false),
      named(from).translation()->read_events(),
      named(to).translation()->write_events(asked, {"req_r1_1", 1, "as/asked"}), written, 0);
  std::string out;
  for (const std::string& bytes : reads) {
    for (const std::string_view piece : scanner.feed(bytes).forward) out += piece;
  }
  for (const std::string_view piece : scanner.end().forward) out += piece;
  return out;
}

/// The same for data lines that come one by one.
std::string told(std::string_view from, std::string_view to, std::vector<std::string> lines) {
  for (std::string& line : lines) line = "data: " + line + "\n\n";
  return told_reads(from, to, lines);
}

/// The body that goes to a model of `to` for a body of `from`.
Json sent(std::string_view from, std::string_view to, std::string_view body, std::string model) {
  const dialect::Operation& operation = named(from).operations().front();
  const auto asked = named(from).translation()->read_request(operation, operation.path, body);
  REQUIRE(asked.has_value());
  Target target;
  target.name = name_target({"", "", "", std::move(model)});
  const auto written = named(to).translation()->write_request(*asked, target);
  REQUIRE(written.has_value());
  return *parse_json(written->body);
}

std::vector<Json> of_type(const std::string& stream, std::string_view type) {
  std::vector<Json> out;
  for (const auto& each : messages_test::sse_events(stream)) {
    if (each.name == type) out.push_back(*parse_json(each.data));
  }
  return out;
}

const std::string start = R"({"type":"message_start","message":{"id":"msg_1","usage":{}}})";
const std::string stop =
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}})";
const std::string over = R"({"type":"message_stop"})";

TEST_CASE("usage that comes within a call leaves the call open") {
  const std::string stream = told(
      "openai-chat", "anthropic",
      {R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}]}}],"usage":{"prompt_tokens":3,"completion_tokens":1}})",
       R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})",
       R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":5}})",
       "[DONE]"});
  CHECK(messages_test::illegal(stream, true) == "");
  CHECK(of_type(stream, "content_block_start").size() == 1);
  std::string arguments;
  for (const Json& each : of_type(stream, "content_block_delta")) {
    arguments += each["delta"]["partial_json"].get<std::string>();
  }
  CHECK(arguments == R"({"x":1})");
  CHECK(of_type(stream, "message_delta").at(0)["usage"]["output_tokens"] == 5);
}

TEST_CASE("calls that a Messages provider gave no ids get ids of their own, always the same") {
  const auto ids = [] {
    const auto answer =
        named("anthropic")
            .translation()
            ->read_answer(
                R"({"id":"msg_1","type":"message","role":"assistant","content":[{"type":"tool_use","id":"","name":"a","input":{}},{"type":"tool_use","name":"a","input":{}}],"stop_reason":"tool_use"})");
    std::vector<std::string> out;
    for (const chat::Part& part : answer.value().parts)
      out.push_back(std::get<chat::ToolCall>(part).id);
    return out;
  };
  const auto found = ids();
  REQUIRE(found.size() == 2);
  CHECK_FALSE(found[0].empty());
  CHECK_FALSE(found[1].empty());
  CHECK(found[0] != found[1]);
  CHECK(ids() == found);
  const std::string stream = told(
      "anthropic", "openai-chat",
      {R"({"type":"message_start","message":{"id":"msg_1","role":"assistant"}})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"a","input":{}}})",
       R"({"type":"content_block_stop","index":0})",
       R"({"type":"message_delta","delta":{"stop_reason":"tool_use"}})",
       R"({"type":"message_stop"})"});
  CHECK(stream.find("\"id\":\"" + found[0] + "\"") != std::string::npos);
}

TEST_CASE("a Messages provider's call without a name is no answer") {
  CHECK_FALSE(
      named("anthropic")
          .translation()
          ->read_answer(
              R"({"id":"msg_1","content":[{"type":"tool_use","id":"t","name":"","input":{}}],"stop_reason":"tool_use"})"));
  const std::string stream = told(
      "anthropic", "openai-chat",
      {R"({"type":"message_start","message":{"id":"msg_1","role":"assistant"}})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","input":{}}})",
       R"({"type":"message_stop"})"});
  CHECK(stream.find("\"error\"") != std::string::npos);
  CHECK(stream.find("tool_calls") == std::string::npos);
}

TEST_CASE("a failure whose two events come in one read is told, however it is read") {
  const std::vector<std::string> events = {
      "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n",
      "data: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"x\"}\n\n",
      "data: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"m\"}\n\n",
      "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":"
      "{\"code\":\"server_error\",\"message\":\"m\"}}}\n\n"};
  std::string all;
  for (const std::string& event : events) all += event;
  for (const std::string& stream : {told_reads("openai-responses", "anthropic", events),
                                    told_reads("openai-responses", "anthropic", {all}),
                                    told_reads("openai-responses", "anthropic",
                                               {events[0] + events[1], events[2] + events[3]})}) {
    CHECK(messages_test::illegal(stream, true) == "");
    CHECK(of_type(stream, "error").size() == 1);
  }
}

TEST_CASE("an answer's end tells its input, even where the provider told none") {
  const std::string stream = told(
      "openai-chat", "anthropic",
      {R"({"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]})", "[DONE]"});
  const Json usage = of_type(stream, "message_delta").at(0)["usage"];
  CHECK(usage["input_tokens"].is_number());
  CHECK(usage["output_tokens"].is_number());
}

TEST_CASE("of a thought's signatures the last that says something counts, and is told once") {
  const std::string stream = told(
      "anthropic", "anthropic",
      {start,
       R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"first"}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"second"}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":""}})",
       R"({"type":"content_block_stop","index":0})", stop, over});
  std::vector<std::string> signatures;
  for (const Json& each : of_type(stream, "content_block_delta")) {
    if (each["delta"]["type"] == "signature_delta")
      signatures.push_back(each["delta"]["signature"]);
  }
  CHECK(signatures == std::vector<std::string>{"second"});
}

TEST_CASE("thoughts one after another stay as many as they are, each with its own state") {
  const Json body = sent(
      "openai-responses", "openai-responses",
      R"({"model":"m","input":[{"role":"user","content":"hi"},)"
      R"({"type":"reasoning","id":"rs_1","status":"completed","summary":[{"type":"summary_text","text":"a"}],"encrypted_content":"one"},)"
      R"({"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"two"},)"
      R"({"type":"message","role":"assistant","id":"msg_1","status":"completed","content":[{"type":"output_text","text":"x"}]}]})",
      "gpt-5.6");
  std::vector<std::string> states;
  for (const Json& item : body["input"]) {
    if (item.value("type", "") == "reasoning") states.push_back(item["encrypted_content"]);
  }
  CHECK(states == std::vector<std::string>{"one", "two"});
}

TEST_CASE("what was said before goes back without the ids and states of what it was") {
  const Json body = sent(
      "openai-responses", "openai-responses",
      R"({"model":"m","input":[{"role":"user","content":"hi"},)"
      R"({"type":"reasoning","id":"rs_1","status":"completed","summary":[],"encrypted_content":"one"},)"
      R"({"type":"message","role":"assistant","id":"chatcmpl-1","status":"completed","content":[{"type":"output_text","text":"x"}]},)"
      R"({"type":"function_call","id":"toolu_1","call_id":"c","name":"f","arguments":"{}"},)"
      R"({"type":"function_call_output","id":"fco_1","call_id":"c","output":"1"}]})",
      "gpt-5.6");
  REQUIRE(body["input"].size() == 5);
  for (const Json& item : body["input"]) {
    CHECK_MESSAGE(!item.contains("id"), item.dump());
    if (item.value("type", "") == "reasoning") CHECK_FALSE(item.contains("status"));
  }
}

TEST_CASE("long ids that begin alike become different short ones, always the same") {
  std::set<std::string> ids;
  for (int i = 0; i < 200; ++i) {
    const std::string id = std::string(1300, 'a') + std::to_string(i);
    const std::string portable = dialect::portable_call_id(id);
    CHECK(portable.size() <= 64);
    CHECK(portable == dialect::portable_call_id(id));
    ids.insert(portable);
  }
  for (const char* odd : {"a.b", "a:b", "a/b", "a b", "a_b", "a-b"}) {
    ids.insert(dialect::portable_call_id(odd));
  }
  CHECK(ids.size() == 206);
}

TEST_CASE("no tools is neither a list nor a choice of them, in any dialect") {
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[],"tool_choice":"auto","parallel_tool_calls":true})";
  for (const char* to : {"openai-chat", "openai-responses", "anthropic", "gemini"}) {
    const Json out = sent("openai-chat", to, body, "m");
    for (const char* name : {"tools", "tool_choice", "parallel_tool_calls", "toolConfig"}) {
      CHECK_MESSAGE(!out.contains(name), to << " " << name);
    }
  }
}

TEST_CASE("nobody's settings are made up: what was not asked for is not sent") {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";
  for (const char* to : {"openai-chat", "openai-responses", "anthropic", "gemini"}) {
    const std::string out = sent("openai-chat", to, body, "m").dump();
    for (const char* name : {"temperature", "top_p", "topP", "penalty", "thinking", "effort",
                             "seed", "stop", "cache_control"}) {
      CHECK_MESSAGE(out.find(name) == std::string::npos, to << " " << name);
    }
  }
}

TEST_CASE("one stop sequence is a list of one, and no description is none, in every dialect") {
  const Json out = sent(
      "openai-chat", "anthropic",
      R"({"model":"m","messages":[{"role":"user","content":"hi"}],"stop":"END","tools":[{"type":"function","function":{"name":"f","description":null,"parameters":{"type":"object"}}}]})",
      "m");
  CHECK(out["stop_sequences"] == Json::array({"END"}));
  CHECK_FALSE(out["tools"][0].contains("description"));
  const Json back = sent(
      "anthropic", "openai-responses",
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","description":null,"input_schema":{"type":"object"}}]})",
      "m");
  CHECK_FALSE(back["tools"][0].contains("description"));
}

}  // namespace
}  // namespace routerone
