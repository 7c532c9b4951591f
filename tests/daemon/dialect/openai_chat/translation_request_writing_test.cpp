#include <doctest/doctest.h>

#include "tests/daemon/dialect/openai_chat/translation_support.h"

namespace routerone {
namespace {

using chat::Media;
using chat::Part;
using chat::Request;
using chat::Role;
using chat::Text;
using chat::Thinking;
using chat::Tool;
using chat::ToolCall;
using chat::ToolChoice;
using chat::ToolResult;
using test::chat_target;
using test::chat_translation;
using test::written_chat;

Text text(std::string said) {
  Text out;
  out.text = std::move(said);
  return out;
}

ToolCall call(std::string id, std::string name, std::string arguments = "{}") {
  ToolCall out;
  out.id = std::move(id);
  out.name = std::move(name);
  out.arguments = std::move(arguments);
  return out;
}

ToolResult result(std::string id, std::vector<Part> content) {
  ToolResult out;
  out.call_id = std::move(id);
  out.content = std::move(content);
  return out;
}

Media image() {
  Media out;
  out.media_type = "image/png";
  out.data = "iVBORw0KGgoA";
  return out;
}

Tool function(std::string name) {
  Tool out;
  out.name = std::move(name);
  out.schema = R"({"type":"object","z":1,"a":2})";
  return out;
}

Request request_of(std::vector<std::pair<Role, std::vector<Part>>> turns) {
  Request out;
  out.model = "asked";
  for (auto& [role, parts] : turns) {
    chat::Turn turn;
    turn.role = role;
    turn.parts = std::move(parts);
    out.turns.push_back(std::move(turn));
  }
  return out;
}
Request hello() { return request_of({{Role::user, {text("Hello")}}}); }

std::vector<std::string> dropped(const Request& request, const Target& target) {
  const auto written = chat_translation().write_request(request, target);
  return written ? written->dropped : std::vector<std::string>{written.error().message};
}
std::string refused(const Request& request, const Target& target = chat_target()) {
  const auto written = chat_translation().write_request(request, target);
  return written ? "" : written.error().param;
}

TEST_CASE("the target's own name for the model goes out, to its path") {
  const auto written = chat_translation().write_request(hello(), chat_target("up/model"));
  REQUIRE(written);
  CHECK(written->path == "/chat/completions");
  CHECK(written->body == R"({"model":"up/model","messages":[{"role":"user","content":"Hello"}]})");
}

TEST_CASE("instructions are a developer's for the maker's thinking models, else the system's") {
  const Request request =
      request_of({{Role::system, {text("a"), text("b")}}, {Role::user, {text("c")}}});
  const Json other = written_chat(request, chat_target());
  CHECK(other["messages"][0] == Json({{"role", "system"}, {"content", "a\n\nb"}}));
  CHECK(written_chat(request, chat_target("gpt-5.6"))["messages"][0]["role"] == "developer");
  CHECK(written_chat(request, chat_target("openai/gpt-4o"))["messages"][0]["role"] == "system");
}

TEST_CASE("results follow their calls in the order of the calls, and the rest follows them") {
  const Json body = written_chat(
      request_of(
          {{Role::assistant, {text("Both."), call("c1", "f"), call("c2", "g")}},
           {Role::user, {text("And?"), result("c2", {text("two")}), result("c1", {text("one")})}}}),
      chat_target());
  const Json& messages = body["messages"];
  REQUIRE(messages.size() == 4);
  CHECK(messages[0]["content"] == "Both.");
  CHECK(messages[0]["tool_calls"].size() == 2);
  CHECK(messages[0]["tool_calls"][0]["function"]["arguments"] == "{}");
  CHECK(messages[1] == Json({{"role", "tool"}, {"tool_call_id", "c1"}, {"content", "one"}}));
  CHECK(messages[2]["tool_call_id"] == "c2");
  CHECK(messages[3] == Json({{"role", "user"}, {"content", "And?"}}));
}

TEST_CASE("an assistant that only called says null, one that said nothing at all says nothing") {
  const Json body = written_chat(request_of({{Role::assistant, {call("c1", "f")}},
                                             {Role::user, {result("c1", {})}},
                                             {Role::assistant, {}}}),
                                 chat_target());
  CHECK(body["messages"][0]["content"].is_null());
  CHECK(body["messages"][2]["content"] == "");
}

TEST_CASE("images of results come in one user's message behind all results of the turn") {
  const Json body = written_chat(
      request_of({{Role::assistant, {call("c1", "f"), call("c2", "f")}},
                  {Role::user,
                   {result("c1", {image()}), result("c2", {text("two")}), text("What now?")}}}),
      chat_target());
  const Json& messages = body["messages"];
  REQUIRE(messages.size() == 5);
  CHECK(messages[1]["content"] == "[image, see next message]");
  CHECK(messages[2]["content"] == "two");
  CHECK(messages[3]["content"][0]["text"] == "Images returned by tool call c1:");
  CHECK(messages[3]["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgoA");
  CHECK(messages[4]["content"] == "What now?");
}

TEST_CASE("a result that is an error says so, once") {
  ToolResult failed = result("c1", {text("no such file")});
  failed.is_error = true;
  ToolResult said = result("c2", {text("Error: gone")});
  said.is_error = true;
  const Json body = written_chat(request_of({{Role::assistant, {call("c1", "f"), call("c2", "f")}},
                                             {Role::user, {failed, said}}}),
                                 chat_target());
  CHECK(body["messages"][1]["content"] == "Error: no such file");
  CHECK(body["messages"][2]["content"] == "Error: gone");
}

TEST_CASE("text stays one string, media make an array with the text in its place") {
  Media note;
  note.kind = Media::Kind::document;
  note.is_text = true;
  note.name = "a.txt";
  note.data = "words";
  const Json body = written_chat(
      request_of({{Role::user, {text("a"), text("b")}}, {Role::user, {text("c"), image(), note}}}),
      chat_target());
  CHECK(body["messages"][0]["content"] == "a\n\nb");
  const Json& parts = body["messages"][1]["content"];
  CHECK(parts[0]["text"] == "c");
  CHECK(parts[1]["type"] == "image_url");
  CHECK(parts[2]["text"] == "<document name=\"a.txt\">\nwords\n</document>");
}

TEST_CASE("media that this dialect has no place for are refused") {
  Media foreign = image();
  foreign.file_id = "file-1";
  CHECK(refused(request_of({{Role::user, {foreign}}})) == "file_id");
  Media remote;
  remote.kind = Media::Kind::document;
  remote.url = "https://files.test/a.pdf";
  CHECK(refused(request_of({{Role::user, {remote}}})) == "file_url");
  Media sound;
  sound.kind = Media::Kind::audio;
  sound.media_type = "audio/flac";
  sound.data = "ZkxhQw==";
  CHECK(refused(request_of({{Role::user, {sound}}})) == "audio");
}

TEST_CASE("tools keep their schemas as they are, and are strict only where that was asked") {
  Request request = hello();
  request.tools = {function("f"), function("g")};
  request.tools[1].strict = true;
  request.tools[1].schema.clear();
  request.choice.parallel = false;
  const auto written = chat_translation().write_request(request, chat_target());
  REQUIRE(written);
  CHECK(written->body.find(R"("parameters":{"type":"object","z":1,"a":2}}})") != std::string::npos);
  const Json body = test::parsed(written->body);
  CHECK_FALSE(body["tools"][0]["function"].contains("strict"));
  CHECK_FALSE(body["tools"][0]["function"].contains("description"));
  CHECK(body["tools"][1]["function"]["strict"] == true);
  CHECK_FALSE(body["tools"][1]["function"].contains("parameters"));
  CHECK_FALSE(body.contains("tool_choice"));
  CHECK(body["parallel_tool_calls"] == false);
}

TEST_CASE("a tool that cannot be strict is not, and that is told") {
  Request request = hello();
  request.tools = {function("f")};
  request.tools[0].strict = true;
  CHECK_FALSE(written_chat(request, chat_target())["tools"][0]["function"].contains("strict"));
  CHECK(dropped(request, chat_target()) == std::vector<std::string>{"tools.f.strict"});
  request.tools[0].schema =
      R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
  CHECK(written_chat(request, chat_target())["tools"][0]["function"]["strict"] == true);
  CHECK(dropped(request, chat_target()).empty());
}

TEST_CASE("an answer's schema is strict where it was made for that, unless the caller said") {
  Request request = hello();
  request.format.kind = chat::Format::Kind::schema;
  request.format.schema =
      R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
  const auto strict = [&] {
    return written_chat(request, chat_target())["response_format"]["json_schema"].value("strict",
                                                                                        false);
  };
  CHECK(strict());
  request.format.strict = false;
  CHECK_FALSE(strict());
}

TEST_CASE("without tools there is neither a choice nor a number of calls at once") {
  Request request = hello();
  request.choice.mode = ToolChoice::Mode::none;
  request.choice.parallel = true;
  const Json body = written_chat(request, chat_target());
  CHECK_FALSE(body.contains("tools"));
  CHECK_FALSE(body.contains("tool_choice"));
  CHECK_FALSE(body.contains("parallel_tool_calls"));
}

TEST_CASE("each choice of tools is written in this dialect's words") {
  Request request = hello();
  request.tools = {function("f"), function("g")};
  const auto choice = [&](ToolChoice::Mode mode, const char* name = "") {
    request.choice.mode = mode;
    request.choice.name = name;
    return written_chat(request, chat_target()).value("tool_choice", Json("absent"));
  };
  CHECK(choice(ToolChoice::Mode::automatic) == "absent");
  CHECK(choice(ToolChoice::Mode::required) == "required");
  CHECK(choice(ToolChoice::Mode::none) == "none");
  CHECK(choice(ToolChoice::Mode::one, "g")["function"]["name"] == "g");
}

TEST_CASE("a choice among some is told to its maker's models; others are offered only those") {
  Request request = hello();
  request.tools = {function("f"), function("g")};
  request.choice.only = {"g"};
  const Json known = written_chat(request, chat_target("gpt-5.6"));
  CHECK(known["tools"].size() == 2);
  CHECK(known["tool_choice"]["allowed_tools"]["tools"][0]["function"]["name"] == "g");
  const Json other = written_chat(request, chat_target());
  CHECK(other["tools"].size() == 1);
  CHECK(other["tools"][0]["function"]["name"] == "g");
}

TEST_CASE("a freeform tool goes out as a function of one text, and is known when it comes back") {
  Request request = request_of({{Role::assistant, {call("c1", "patch", "*** Begin\n")}},
                                {Role::user, {result("c1", {text("ok")})}}});
  std::get<ToolCall>(request.turns[0].parts[0]).freeform = true;
  Tool patch;
  patch.kind = Tool::Kind::freeform;
  patch.name = "patch";
  request.tools = {patch};
  const auto written = chat_translation().write_request(request, chat_target());
  REQUIRE(written);
  const Json body = test::parsed(written->body);
  CHECK(body["tools"][0]["function"]["parameters"]["required"][0] == "input");
  CHECK(body["messages"][0]["tool_calls"][0]["function"]["arguments"] ==
        R"({"input":"*** Begin\n"})");
  REQUIRE(written->renamed.size() == 1);
  CHECK(written->renamed[0].written == "patch");
  CHECK(written->renamed[0].means.freeform);
}

TEST_CASE("a tool in a namespace goes out flat, in its definition, its calls and the choice") {
  Request request = request_of({{Role::assistant, {call("c1", "run")}}, {Role::user, {}}});
  std::get<ToolCall>(request.turns[0].parts[0]).group = "shell";
  request.tools = {function("run")};
  request.tools[0].group = "shell";
  request.choice.mode = ToolChoice::Mode::one;
  request.choice.name = "run";
  const Json body = written_chat(request, chat_target());
  CHECK(body["tools"][0]["function"]["name"] == "shell__run");
  CHECK(body["messages"][0]["tool_calls"][0]["function"]["name"] == "shell__run");
  CHECK(body["tool_choice"]["function"]["name"] == "shell__run");
}

TEST_CASE("a hosted tool of another dialect is dropped by name, and refused where it is forced") {
  Request request = hello();
  Tool search;
  search.kind = Tool::Kind::hosted;
  search.name = "web_search";
  search.origin = "openai-responses";
  search.raw = R"({"type":"web_search"})";
  request.tools = {search, function("f")};
  CHECK(dropped(request, chat_target()) == std::vector<std::string>{"tools.web_search"});
  CHECK(written_chat(request, chat_target())["tools"].size() == 1);
  request.choice.mode = ToolChoice::Mode::one;
  request.choice.name = "web_search";
  CHECK(refused(request) == "tool_choice");
}

TEST_CASE("two different tools of one name are refused, the same one twice is written once") {
  Request request = hello();
  request.tools = {function("f"), function("f")};
  CHECK(written_chat(request, chat_target())["tools"].size() == 1);
  request.tools[1].description = "another";
  CHECK(refused(request) == "tools");
}

TEST_CASE("the output cap goes under the name that the target takes, within what it can do") {
  Request request = hello();
  request.output_cap = 128'000;
  Target target = chat_target();
  target.max_output = 8'192;
  CHECK(written_chat(request, target)["max_tokens"] == 8'192);
  target.quirks.max_completion_tokens = true;
  CHECK(written_chat(request, target)["max_completion_tokens"] == 8'192);
  CHECK_FALSE(written_chat(request, target).contains("max_tokens"));
  CHECK(written_chat(request, chat_target("gpt-5.6"))["max_completion_tokens"] == 128'000);
  request.output_cap = 0;
  CHECK(written_chat(request, chat_target())["max_tokens"] == 1);
}

TEST_CASE("effort goes to models that take one, at the nearest level that is not dearer") {
  Request request = hello();
  request.reasoning.effort = chat::Effort::max;
  CHECK(written_chat(request, chat_target("gpt-5.6"))["reasoning_effort"] == "max");
  CHECK(written_chat(request, chat_target("openai/gpt-5.4"))["reasoning_effort"] == "xhigh");
  CHECK(written_chat(request, chat_target("o3"))["reasoning_effort"] == "high");
  CHECK(dropped(request, chat_target()) == std::vector<std::string>{"reasoning_effort"});
  request.reasoning = {};
  request.reasoning.off = true;
  CHECK(written_chat(request, chat_target("gpt-5.6"))["reasoning_effort"] == "none");
  CHECK(written_chat(request, chat_target("gpt-5"))["reasoning_effort"] == "minimal");
  CHECK_FALSE(written_chat(request, chat_target("o3")).contains("reasoning_effort"));
}

TEST_CASE("sampling is dropped and named where the model refuses it, nothing is ever invented") {
  Request request = hello();
  request.temperature = 0.5;
  request.top_p = 0.25;
  request.top_k = 4;
  const Json body = written_chat(request, chat_target());
  CHECK(body["temperature"] == 0.5);
  CHECK(body["top_p"] == 0.25);
  CHECK(dropped(request, chat_target("gpt-5.6")) ==
        std::vector<std::string>{"temperature", "top_p", "top_k"});
  CHECK_FALSE(written_chat(hello(), chat_target()).contains("temperature"));
}

TEST_CASE("five stop sequences are refused, four are written") {
  Request request = hello();
  request.stops = {"a", "b", "c", "d"};
  CHECK(written_chat(request, chat_target())["stop"].size() == 4);
  request.stops.emplace_back("e");
  CHECK(refused(request) == "stop");
}

TEST_CASE("a schema that an answer must follow is nested, named if it had no name") {
  Request request = hello();
  request.format.kind = chat::Format::Kind::schema;
  request.format.schema = R"({"b":1,"a":2})";
  const Json format = written_chat(request, chat_target())["response_format"];
  CHECK(format["json_schema"]["name"] == "response");
  CHECK(format["json_schema"]["schema"].dump() == R"({"b":1,"a":2})");
  CHECK_FALSE(format["json_schema"].contains("strict"));
  request.format.kind = chat::Format::Kind::json;
  CHECK(written_chat(request, chat_target())["response_format"]["type"] == "json_object");
}

TEST_CASE("who is behind the caller goes to the maker only, and never as a mail address") {
  Request request = hello();
  request.user = "person@example.test";
  request.cache_key = "k";
  const Json known = written_chat(request, chat_target("gpt-5.6"));
  CHECK(known["safety_identifier"].get<std::string>().size() == 64);
  CHECK(known["prompt_cache_key"] == "k");
  CHECK(dropped(request, chat_target()) == std::vector<std::string>{"user", "prompt_cache_key"});
  request.user = std::string(65, 'x');
  CHECK(written_chat(request, chat_target("gpt-5.6"))["safety_identifier"] != request.user);
}

TEST_CASE("a stream is always asked for its usage") {
  Request request = hello();
  request.stream = true;
  request.wants_usage = false;
  CHECK(written_chat(request, chat_target())["stream_options"]["include_usage"] == true);
  CHECK_FALSE(written_chat(hello(), chat_target()).contains("stream_options"));
}

TEST_CASE("what only the caller's dialect knows is refused by its name") {
  Request request = hello();
  request.own_only = {"previous_response_id"};
  CHECK(refused(request) == "previous_response_id");
}

TEST_CASE("the caller's hints are passed on as dropped, before the writer's own") {
  Request request = hello();
  request.hints = {"context_management"};
  request.metadata = "{}";
  CHECK(dropped(request, chat_target()) ==
        std::vector<std::string>{"context_management", "metadata"});
}

Thinking own_thinking(std::string text) {
  Thinking out;
  out.text = text;
  out.origin = "openai-chat";
  out.state = R"({"reasoning_content":")" + text + "\"}";
  return out;
}

TEST_CASE("reasoning goes back to its own dialect with every turn that called, or with none") {
  Request request = request_of({{Role::assistant, {own_thinking("one"), call("c1", "f")}},
                                {Role::user, {result("c1", {text("r")})}},
                                {Role::assistant, {own_thinking("two"), call("c2", "f")}},
                                {Role::user, {result("c2", {text("r")})}}});
  const Json all = written_chat(request, chat_target());
  CHECK(all["messages"][0]["reasoning_content"] == "one");
  CHECK(all["messages"][2]["reasoning_content"] == "two");
  CHECK(dropped(request, chat_target()).empty());
  request.turns[2].parts.erase(request.turns[2].parts.begin());
  CHECK_FALSE(written_chat(request, chat_target())["messages"][0].contains("reasoning_content"));
  CHECK(dropped(request, chat_target()) == std::vector<std::string>{"thinking"});
}

TEST_CASE("another maker's state never goes out, not even as text") {
  Thinking foreign;
  foreign.text = "secret";
  foreign.origin = "anthropic";
  foreign.state = R"({"type":"thinking","thinking":"secret","signature":"sig"})";
  const Json body =
      written_chat(request_of({{Role::assistant, {foreign, text("x")}}, {Role::user, {text("y")}}}),
                   chat_target());
  CHECK(body.dump().find("secret") == std::string::npos);
}

TEST_CASE("a system turn in the middle stays where it is") {
  const Json body = written_chat(
      request_of(
          {{Role::user, {text("a")}}, {Role::system, {text("b")}}, {Role::user, {text("c")}}}),
      chat_target());
  CHECK(body["messages"][1] == Json({{"role", "system"}, {"content", "b"}}));
}

}  // namespace
}  // namespace routerone
