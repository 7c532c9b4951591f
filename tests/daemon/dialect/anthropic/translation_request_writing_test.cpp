#include <doctest/doctest.h>

#include <algorithm>

#include "translation_support.h"

using namespace routerone;
using namespace routerone::messages_test;

namespace {

bool dropped(const Written& written, std::string_view name) {
  return std::find(written.dropped.begin(), written.dropped.end(), name) != written.dropped.end();
}

chat::Media image(std::string type, std::string data = "aGVsbG8=") {
  chat::Media out;
  out.media_type = std::move(type);
  out.data = std::move(data);
  return out;
}

chat::Request request_of(std::vector<chat::Turn> turns) {
  chat::Request out;
  out.turns = std::move(turns);
  return out;
}

/// A conversation in which one tool was called.
chat::Request called_once() {
  auto out =
      request_of({user_says("go"), turn_of(chat::Role::assistant, {call_part("call_1", "f", "{}")}),
                  turn_of(chat::Role::user, {result_part("call_1", {text_part("r")})})});
  out.tools.push_back(function_tool("f"));
  return out;
}

chat::Request forced() {
  auto out = simple_request();
  out.tools.push_back(function_tool("f"));
  out.choice.mode = chat::ToolChoice::Mode::one;
  out.choice.name = "f";
  return out;
}

chat::Request thinking_hard(chat::Effort effort) {
  auto out = simple_request();
  out.reasoning.effort = effort;
  return out;
}

}  // namespace

TEST_CASE("the plainest request has what must be there and nothing else") {
  const Target target = target_of("claude-opus-5");
  const auto written = messages_translation().write_request(simple_request(), target);
  REQUIRE(written.has_value());
  CHECK(written->path == "/messages");
  CHECK(
      written->body ==
      R"({"model":"claude-opus-5","max_tokens":32000,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})");
  CHECK(written->fields ==
        std::vector<std::pair<std::string, std::string>>{{"anthropic-version", "2023-06-01"}});
  CHECK(written->dropped.empty());
}

TEST_CASE("instructions come first, and each keeps its cache mark") {
  auto request = request_of(
      {turn_of(chat::Role::system, {text_part("A", chat::CacheMark::long_lived), text_part(" ")}),
       turn_of(chat::Role::system, {text_part("B")}), user_says("hi")});
  CHECK(write_messages(request).body.at("system") ==
        json_of(R"([{"type":"text","text":"A","cache_control":{"type":"ephemeral","ttl":"1h"}},
                    {"type":"text","text":"B"}])"));
}

TEST_CASE("a later instruction stays in place where the model takes it, else it is the user's") {
  const auto request = request_of(
      {user_says("a"), turn_of(chat::Role::system, {text_part("mind this")}), user_says("b")});
  const Json kept = write_messages(request, "claude-opus-4-8").body.at("messages");
  REQUIRE(kept.size() == 3);
  CHECK(kept[1].at("role") == "system");
  const Json folded = write_messages(request, "claude-opus-4-6").body.at("messages");
  REQUIRE(folded.size() == 1);
  CHECK(folded[0].at("content")[1].at("text") ==
        "<system-reminder>\nmind this\n</system-reminder>");
}

TEST_CASE("results stand at the head of the next message, in the order of the calls") {
  auto request =
      request_of({user_says("go"),
                  turn_of(chat::Role::assistant,
                          {text_part("I look"), call_part("call_1", "f", R"({"z":1,"a":2})"),
                           call_part("call_2", "f", "")}),
                  turn_of(chat::Role::user,
                          {text_part("and?"), result_part("call_2", {text_part("second")}),
                           result_part("call_1", {text_part("first"), image("image/png")})})});
  request.tools.push_back(function_tool("f"));
  const Json messages = write_messages(request).body.at("messages");
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].at("content")[1].at("input").dump() == R"({"z":1,"a":2})");
  CHECK(messages[1].at("content")[2].at("input") == json_of("{}"));
  const Json& content = messages[2].at("content");
  REQUIRE(content.size() == 3);
  CHECK(content[0].at("tool_use_id") == "call_1");
  CHECK(content[0].at("content")[1].at("source").at("type") == "base64");
  CHECK(content[1].at("content") == "second");
  CHECK(content[2].at("text") == "and?");
}

TEST_CASE("ids that would be refused are written otherwise, alike in call and result") {
  auto request = request_of(
      {user_says("go"), turn_of(chat::Role::assistant, {call_part("call:1|x", "f", "{}")}),
       turn_of(chat::Role::user, {result_part("call:1|x", {text_part("r")})})});
  request.tools.push_back(function_tool("f"));
  const Json messages = write_messages(request).body.at("messages");
  const std::string id = messages[1].at("content")[0].at("id");
  CHECK(id.starts_with("call_"));
  CHECK(messages[2].at("content")[0].at("tool_use_id") == id);
}

TEST_CASE("a failed tool is told as one") {
  auto request = called_once();
  std::get<chat::ToolResult>(request.turns[2].parts[0]).is_error = true;
  CHECK(write_messages(request).body.at("messages")[2].at("content")[0].at("is_error") == true);
}

TEST_CASE("only this provider's own state of thinking is sent back, as it was") {
  chat::Thinking own;
  own.origin = "anthropic";
  own.state = R"({"type":"thinking","thinking":"hm","signature":"EqQB"})";
  chat::Thinking foreign;
  foreign.text = "secret";
  foreign.origin = "openai-responses";
  foreign.state = R"({"type":"reasoning"})";
  const auto request =
      request_of({user_says("a"), turn_of(chat::Role::assistant, {own, foreign, text_part("b")}),
                  turn_of(chat::Role::user, {text_part("c")}),
                  turn_of(chat::Role::assistant, {foreign}), user_says("d")});
  const Json messages = write_messages(request).body.at("messages");
  CHECK(messages[1].at("content").size() == 2);
  CHECK(messages[1].at("content")[0].dump() == own.state);
  CHECK(messages.size() == 3);  // A turn of nothing but others' thinking is none.
  CHECK(messages.dump().find("secret") == std::string::npos);
}

TEST_CASE("text that the API would refuse is left out, and a message left empty is refused") {
  const auto spaces = request_of({user_says("a"), turn_of(chat::Role::assistant, {text_part(" ")}),
                                  turn_of(chat::Role::user, {text_part(""), text_part("b")})});
  const Json messages = write_messages(spaces).body.at("messages");
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].at("content").size() == 2);
  CHECK(write_messages(request_of({user_says("  \n")})).refused_param == "messages");
  const auto beside = request_of({turn_of(chat::Role::user, {text_part(" "), image("image/png")})});
  CHECK(write_messages(beside).body.at("messages")[0].at("content").size() == 2);
}

TEST_CASE("pictures and documents go where they can, and are refused by name where not") {
  chat::Media link;
  link.url = "https://x.example/a.png";
  chat::Media pdf = image("application/pdf", "JVBERi0xLjQ=");
  pdf.kind = chat::Media::Kind::document;
  pdf.name = "a.pdf";
  chat::Media notes;
  notes.kind = chat::Media::Kind::document;
  notes.media_type = "text/markdown";
  notes.data = "# x";
  notes.is_text = true;
  const Json content = write_messages(request_of({turn_of(chat::Role::user, {link, pdf, notes})}))
                           .body.at("messages")[0]
                           .at("content");
  CHECK(content[0].at("source") == json_of(R"({"type":"url","url":"https://x.example/a.png"})"));
  CHECK(content[1] == json_of(R"({"type":"document","source":{"type":"base64",
      "media_type":"application/pdf","data":"JVBERi0xLjQ="},"title":"a.pdf"})"));
  CHECK(content[2].at("source") ==
        json_of(R"({"type":"text","media_type":"text/plain","data":"# x"})"));

  const auto refused = [](chat::Media media) {
    return write_messages(request_of({turn_of(chat::Role::user, {std::move(media)})}))
        .refused_param;
  };
  CHECK(refused(image("image/tiff")) == "image");
  chat::Media sound = image("audio/wav");
  sound.kind = chat::Media::Kind::audio;
  CHECK(refused(sound) == "input_audio");
  chat::Media stored;
  stored.file_id = "file-1";
  CHECK(refused(stored) == "file_id");
  chat::Media word = image("application/msword");
  word.kind = chat::Media::Kind::document;
  CHECK(refused(word) == "file");
}

TEST_CASE("the model's own pictures are named in its turn, not given back") {
  const auto request = request_of(
      {user_says("a"), turn_of(chat::Role::assistant, {image("image/png")}), user_says("b")});
  CHECK(write_messages(request).body.at("messages")[1].at("content")[0].at("text") ==
        "[image omitted]");
}

TEST_CASE("of more than four cache marks the last four count") {
  auto request = simple_request();
  std::vector<chat::Part> marked;
  for (int i = 0; i < 4; ++i) marked.push_back(text_part("x", chat::CacheMark::short_lived));
  request.turns = {turn_of(chat::Role::system, {text_part("s", chat::CacheMark::short_lived)}),
                   turn_of(chat::Role::user, marked)};
  request.tools.push_back(function_tool("f"));
  request.tools.back().cache = chat::CacheMark::short_lived;
  const Json body = write_messages(request).body;
  CHECK_FALSE(body.at("tools")[0].contains("cache_control"));
  CHECK_FALSE(body.at("system")[0].contains("cache_control"));
  for (const Json& block : body.at("messages")[0].at("content")) {
    CHECK(block.contains("cache_control"));
  }
}

TEST_CASE("a tool without a schema takes an object, one without a description has none") {
  auto request = simple_request();
  request.tools.push_back(function_tool("f"));
  const Json tool = write_messages(request).body.at("tools")[0];
  CHECK(tool == json_of(R"({"name":"f","input_schema":{"type":"object","properties":{}}})"));
}

TEST_CASE("a schema that fits goes out as it came, byte by byte") {
  auto request = simple_request();
  const std::string schema =
      R"({"type":"object","properties":{"z":{"type":"number","minimum":1.5},"a":{"oneOf":[{},{}]}}})";
  request.tools.push_back(function_tool("f", schema));
  const auto written = messages_translation().write_request(request, target_of("claude-opus-5"));
  CHECK(written->body.find(R"("input_schema":)" + schema) != std::string::npos);
}

TEST_CASE("alternatives at a schema's root are laid over each other") {
  auto request = simple_request();
  request.tools.push_back(function_tool(
      "f",
      R"({"anyOf":[{"properties":{"a":{"type":"string"},"b":{}},"required":["a","b"]},{"properties":{"c":{}},"required":["a"]}]})"));
  request.tools.push_back(function_tool("g", R"({"properties":{"x":{}}})"));
  const Json tools = write_messages(request).body.at("tools");
  CHECK(tools[0].at("input_schema") ==
        json_of(R"({"type":"object","properties":{"a":{"type":"string"},"b":{},"c":{}},
                    "required":["a"]})"));
  CHECK(tools[1].at("input_schema").at("type") == "object");
}

TEST_CASE("strict stays where the schema can be held to, else it is dropped by name") {
  auto request = simple_request();
  request.tools.push_back(function_tool(
      "f",
      R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false})"));
  request.tools.push_back(
      function_tool("g", R"({"type":"object","properties":{"a":{"type":"array","maxItems":3}}})"));
  for (chat::Tool& tool : request.tools) tool.strict = true;
  const Written written = write_messages(request);
  CHECK(written.body.at("tools")[0].at("strict") == true);
  CHECK_FALSE(written.body.at("tools")[1].contains("strict"));
  CHECK(dropped(written, "strict"));
}

TEST_CASE("names the API would refuse are spelled otherwise and told") {
  auto request = called_once();
  request.tools[0].name = "my.tool";
  std::get<chat::ToolCall>(request.turns[1].parts[0]).name = "my.tool";
  const auto written = messages_translation().write_request(request, target_of("claude-opus-5"));
  REQUIRE(written->renamed.size() == 1);
  CHECK(written->renamed[0].means.name == "my.tool");
  const Json body = json_of(written->body);
  CHECK(body.at("tools")[0].at("name") == written->renamed[0].written);
  CHECK(body.at("messages")[1].at("content")[0].at("name") == written->renamed[0].written);
}

TEST_CASE("a freeform tool is a function of one text") {
  auto request = simple_request();
  chat::Tool tool = function_tool("exec");
  tool.kind = chat::Tool::Kind::freeform;
  request.tools.push_back(tool);
  const auto written = messages_translation().write_request(request, target_of("claude-opus-5"));
  const Json schema = json_of(written->body).at("tools")[0].at("input_schema");
  CHECK(schema.at("required") == json_of(R"(["input"])"));
  REQUIRE(written->renamed.size() == 1);
  CHECK(written->renamed[0].means.freeform);
}

TEST_CASE("searches of other providers are dropped by name, other tools of theirs are refused") {
  auto request = simple_request();
  chat::Tool search = function_tool("web_search");
  search.kind = chat::Tool::Kind::hosted;
  search.origin = "openai-responses";
  request.tools = {search, function_tool("f")};
  const Written written = write_messages(request);
  CHECK(written.body.at("tools").size() == 1);
  CHECK(dropped(written, "tools.web_search"));
  request.choice.mode = chat::ToolChoice::Mode::one;
  request.choice.name = "web_search";
  CHECK(write_messages(request).refused_param == "tool_choice");
  request.choice = {};
  request.tools[0].name = "code_interpreter";
  CHECK(write_messages(request).refused_param == "tools");
}

TEST_CASE("calls of the past keep their tools, which cannot be called any more") {
  auto request = called_once();
  request.tools.clear();
  const Json body = write_messages(request).body;
  CHECK(body.at("tools")[0].at("name") == "f");
  CHECK(body.at("tool_choice") == json_of(R"({"type":"none"})"));
  CHECK_FALSE(write_messages(simple_request()).body.contains("tool_choice"));
}

TEST_CASE("each choice of tools has its word") {
  const auto choice = [](chat::ToolChoice::Mode mode, std::optional<bool> parallel = {}) {
    auto request = forced();
    request.choice.mode = mode;
    request.choice.parallel = parallel;
    return write_messages(request).body.value("tool_choice", Json());
  };
  using Mode = chat::ToolChoice::Mode;
  CHECK(choice(Mode::automatic).is_null());
  CHECK(choice(Mode::automatic, true).is_null());
  CHECK(choice(Mode::automatic, false) ==
        json_of(R"({"type":"auto","disable_parallel_tool_use":true})"));
  CHECK(choice(Mode::required) == json_of(R"({"type":"any"})"));
  CHECK(choice(Mode::one, false) ==
        json_of(R"({"type":"tool","name":"f","disable_parallel_tool_use":true})"));
  CHECK(choice(Mode::none, false) == json_of(R"({"type":"none"})"));
}

TEST_CASE("of a subset of tools only those are sent") {
  auto request = simple_request();
  request.tools = {function_tool("f"), function_tool("g")};
  request.choice.only = {"g"};
  const Json tools = write_messages(request).body.at("tools");
  REQUIRE(tools.size() == 1);
  CHECK(tools[0].at("name") == "g");
}

TEST_CASE("a model that takes no forced choice is told in words") {
  const Written written = write_messages(forced(), "claude-fable-5-1");
  CHECK_FALSE(written.body.contains("tool_choice"));
  CHECK(written.body.at("system")[0].at("text") == "You must call the tool f.");
  CHECK(dropped(written, "tool_choice"));
}

TEST_CASE("effort is said in the way of the model's family") {
  const Json newest = write_messages(thinking_hard(chat::Effort::xhigh), "claude-opus-5").body;
  CHECK(newest.at("thinking") == json_of(R"({"type":"adaptive"})"));
  CHECK(newest.at("output_config") == json_of(R"({"effort":"xhigh"})"));
  const Written clamped = write_messages(thinking_hard(chat::Effort::xhigh), "claude-opus-4-6");
  CHECK(clamped.body.at("output_config").at("effort") == "high");
  CHECK(dropped(clamped, "reasoning_effort"));
  const Json counted = write_messages(thinking_hard(chat::Effort::medium), "claude-haiku-4-5").body;
  CHECK(counted.at("thinking") == json_of(R"({"type":"enabled","budget_tokens":8192})"));
  CHECK_FALSE(counted.contains("output_config"));
  const Written none = write_messages(thinking_hard(chat::Effort::high), "claude-3-5-haiku");
  CHECK_FALSE(none.body.contains("thinking"));
  CHECK(dropped(none, "reasoning_effort"));
}

TEST_CASE("nobody thinks who was not asked to, and who was asked not to does not") {
  for (const char* model : {"claude-opus-5", "claude-opus-4-6", "claude-haiku-4-5"}) {
    CAPTURE(model);
    const Json body = write_messages(simple_request(), model).body;
    CHECK_FALSE(body.contains("thinking"));
    CHECK_FALSE(body.contains("output_config"));
    const Json off = write_messages(thinking_hard(chat::Effort::none), model).body;
    const bool says_so = std::string_view(model) == "claude-opus-5";
    CHECK(off.value("thinking", Json()) == (says_so ? json_of(R"({"type":"disabled"})") : Json()));
  }
}

TEST_CASE("a budget fits into the cap, and the cap makes room where it is ours") {
  auto request = thinking_hard(chat::Effort::high);
  request.output_cap = 4000;
  Json body = write_messages(request, "claude-haiku-4-5").body;
  CHECK(body.at("max_tokens") == 4000);
  CHECK(body.at("thinking").at("budget_tokens") == 3999);
  request.output_cap = 1500;
  CHECK_FALSE(write_messages(request, "claude-haiku-4-5").body.contains("thinking"));
  request.output_cap.reset();
  request.reasoning.effort = chat::Effort::max;
  body = write_messages(request, "claude-haiku-4-5").body;
  CHECK(body.at("max_tokens").get<int>() >=
        body.at("thinking").at("budget_tokens").get<int>() + 1024);
}

TEST_CASE("who thinks by budget does not think where the provider's most leaves no room") {
  auto request = thinking_hard(chat::Effort::high);
  Target target = target_of("claude-haiku-4-5");
  target.max_output = 2047;
  const auto written = messages_translation().write_request(request, target);
  REQUIRE(written.has_value());
  const Json body = json_of(written->body);
  CHECK_FALSE(body.contains("thinking"));
  CHECK(body.at("max_tokens") == 2047);
  CHECK(written->dropped == std::vector<std::string>{"reasoning_effort"});
  target.max_output = 2048;
  const Json room = json_of(messages_translation().write_request(request, target)->body);
  CHECK(room.at("thinking").at("budget_tokens") == 2047);
}

TEST_CASE("a budget beyond all reason is as much as the cap allows") {
  auto request = thinking_hard(chat::Effort::high);
  request.reasoning.budget = std::numeric_limits<std::int64_t>::max();
  Target target = target_of("some-model");
  const Json body = json_of(messages_translation().write_request(request, target)->body);
  CHECK(body.at("thinking").at("budget_tokens") == 1'000'000'000);
}

TEST_CASE("a budget gives way to a forced call and to a turn that lost its thinking") {
  auto request = forced();
  request.reasoning.effort = chat::Effort::high;
  CHECK_FALSE(write_messages(request, "claude-haiku-4-5").body.contains("thinking"));
  CHECK(write_messages(request, "claude-opus-4-6").body.contains("thinking"));
  auto lost = called_once();
  lost.reasoning.effort = chat::Effort::high;
  CHECK_FALSE(write_messages(lost, "claude-haiku-4-5").body.contains("thinking"));
}

TEST_CASE("sampling goes to those that take it") {
  auto request = simple_request();
  request.temperature = 1.5;
  request.top_p = 0.9;
  request.top_k = 5;
  const Written old = write_messages(request, "claude-3-7-sonnet");
  CHECK(old.body.at("temperature") == 1.0);
  CHECK(old.body.at("top_p") == 0.9);
  CHECK(old.body.at("top_k") == 5);
  CHECK(dropped(old, "temperature"));
  const Written one = write_messages(request, "claude-sonnet-4-5");
  CHECK(one.body.contains("temperature"));
  CHECK_FALSE(one.body.contains("top_p"));
  const Written none = write_messages(request, "claude-opus-5");
  CHECK_FALSE(none.body.contains("temperature"));
  CHECK(none.dropped == std::vector<std::string>{"temperature", "top_p", "top_k"});
  request.temperature = 1.0;
  request.top_p.reset();
  request.top_k.reset();
  CHECK(write_messages(request, "claude-opus-5").dropped.empty());
}

TEST_CASE("the cap is the caller's, within what the model can, and never missing") {
  auto request = simple_request();
  request.output_cap = 900'000;
  CHECK(write_messages(request, "claude-opus-5").body.at("max_tokens") == 128'000);
  request.output_cap.reset();
  CHECK(write_messages(request, "claude-opus-5").body.at("max_tokens") == 32'000);
  request.stream = true;
  CHECK(write_messages(request, "claude-opus-5").body.at("max_tokens") == 128'000);
  CHECK(write_messages(request, "kimi-k3").body.at("max_tokens") == 4096);
  Target known = target_of("kimi-k3");
  known.max_output = 16'000;
  CHECK(json_of(messages_translation().write_request(request, known)->body).at("max_tokens") ==
        16'000);
}

TEST_CASE("structured output is held to what can be enforced") {
  auto request = simple_request();
  request.format.kind = chat::Format::Kind::schema;
  request.format.schema =
      R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"string","format":"uri","maxLength":3},"maxItems":3,"minItems":1},"b":{"oneOf":[{"type":"object","properties":{}},{"type":"null"}]}},"required":["a"]})";
  const Json schema = write_messages(request).body.at("output_config").at("format").at("schema");
  CHECK(schema.at("additionalProperties") == false);
  const Json& a = schema.at("properties").at("a");
  CHECK(a.at("minItems") == 1);
  CHECK_FALSE(a.contains("maxItems"));
  CHECK(a.at("description") == "{maxItems: 3}");
  CHECK(a.at("items").at("format") == "uri");
  CHECK(a.at("items").at("description") == "{maxLength: 3}");
  CHECK(schema.at("properties").at("b").at("anyOf")[0].at("additionalProperties") == false);
}

TEST_CASE("a schema that leads back to itself cannot be enforced, one used twice can") {
  auto request = simple_request();
  request.format.kind = chat::Format::Kind::schema;
  request.format.schema =
      R"({"type":"object","properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}}}}})";
  CHECK(write_messages(request).refused_param == "response_format");
  request.format.schema =
      R"({"type":"object","properties":{"a":{"$ref":"#/$defs/n"},"b":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"string"}}})";
  CHECK(write_messages(request).refused_param == "");
  request.format.schema = R"({"$ref":"https://x.example/s.json"})";
  CHECK(write_messages(request).refused_param == "response_format");
  request.format.schema = R"({"type":"object"})";
  CHECK(write_messages(request, "claude-3-5-haiku").refused_param == "response_format");
}

TEST_CASE("any JSON is asked for in words") {
  auto request = simple_request();
  request.format.kind = chat::Format::Kind::json;
  CHECK(write_messages(request).body.at("system")[0].at("text") ==
        "Answer with one JSON object and nothing else.");
}

TEST_CASE("what the API has no field for is dropped by name or refused by name") {
  auto request = simple_request();
  request.hints = {"logit_bias"};
  request.seed = 1;
  request.presence_penalty = 0.5;
  request.frequency_penalty = 0.5;
  request.verbosity = "low";
  request.metadata = "{}";
  request.cache_key = "k";
  request.service_tier = "flex";
  CHECK(write_messages(request).dropped ==
        std::vector<std::string>{"logit_bias", "service_tier", "seed", "presence_penalty",
                                 "frequency_penalty", "verbosity", "metadata", "prompt_cache_key"});
  request.choices = 2;
  CHECK(write_messages(request).refused_param == "n");
  request.own_only = {"logprobs"};
  CHECK(write_messages(request).refused_param == "logprobs");
}

TEST_CASE("stops, user and tier are said in the API's words") {
  auto request = simple_request();
  request.stops = {"END", "", " \n"};
  request.user = "u1";
  request.service_tier = "default";
  const Written written = write_messages(request);
  CHECK(written.body.at("stop_sequences") == json_of(R"(["END"])"));
  CHECK(written.body.at("metadata").at("user_id") == "u1");
  CHECK(written.body.at("service_tier") == "standard_only");
  CHECK(dropped(written, "stop"));
  request.user = "jane@example.org";
  const std::string hidden = write_messages(request).body.at("metadata").at("user_id");
  CHECK(hidden.size() == 64);
  CHECK(hidden.find('@') == std::string::npos);
}

TEST_CASE("a count sends what is counted and nothing that only an answer needs") {
  auto request = called_once();
  request.count_only = true;
  request.stream = true;
  request.temperature = 0.5;
  request.stops = {"x"};
  const Written written = write_messages(request);
  CHECK(written.path == "/messages/count_tokens");
  std::vector<std::string> names;
  for (const auto& [name, value] : written.body.items()) names.push_back(name);
  CHECK(names == std::vector<std::string>{"model", "tools", "messages"});
}
