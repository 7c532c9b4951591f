#include <doctest/doctest.h>

#include "translation_support.h"

using namespace routerone;
using namespace routerone::gemini_test;

namespace {

const std::string older = "gemini-2.5-flash";

/// A user's words, two calls, their results in the other order, and words again.
chat::Request conversation() {
  return request_of({user_says("go"),
                     turn_of(chat::Role::assistant,
                             {text_part("both"), call_part("c1", "f", R"({"z":1,"a":2})", "AAEC"),
                              call_part("c2", "f", "{}")}),
                     turn_of(chat::Role::user,
                             {result_part("c2", {text_part("two")}),
                              result_part("c1", {text_part(R"({"b":1})")}), text_part("now")})});
}

Json contents_of(const chat::Request& request, std::string model = "gemini-3-flash-preview") {
  const Written written = write_request(request, std::move(model));
  CHECK(written.refused_message == "");
  return written.body["contents"];
}

Json config_of(const chat::Request& request, std::string model = "gemini-3-flash-preview") {
  const Written written = write_request(request, std::move(model));
  CHECK(written.refused_message == "");
  return written.body.value("generationConfig", Json());
}

}  // namespace

TEST_CASE("instructions are parts of their own, later ones become the user's words") {
  auto request = request_of({turn_of(chat::Role::system, {text_part("s1"), text_part("s2")}),
                             user_says("a"), turn_of(chat::Role::system, {text_part("late")}),
                             turn_of(chat::Role::assistant, {text_part("b")}), user_says("c")});
  const Written written = write_request(request);
  CHECK(written.body["systemInstruction"] == json_of(R"({"parts":[{"text":"s1"},{"text":"s2"}]})"));
  const Json& contents = written.body["contents"];
  REQUIRE(contents.size() == 3);
  CHECK(contents[0]["parts"].size() == 2);
  CHECK(contents[0]["parts"][1]["text"].get<std::string>().find("late") != std::string::npos);
  CHECK(contents[1]["role"] == "model");
  CHECK_FALSE(write_request(request_of({user_says("a")})).body.contains("systemInstruction"));
}

TEST_CASE("the path says the model and the form of the answer") {
  auto request = request_of({user_says("a")});
  CHECK(write_request(request, "g-1").path == "/models/g-1:generateContent");
  request.stream = true;
  CHECK(write_request(request, "g-1").path == "/models/g-1:streamGenerateContent?alt=sse");
  CHECK(write_request(request, "../x").path == "/models/..%2Fx:streamGenerateContent?alt=sse");
  CHECK_FALSE(write_request(request).body.contains("model"));
}

TEST_CASE("results stand in one content, as many as the calls and in their order") {
  const Json contents = contents_of(conversation());
  REQUIRE(contents.size() == 4);
  CHECK(contents[1] == json_of(R"({"role":"model","parts":[{"text":"both"},
    {"functionCall":{"name":"f","args":{"z":1,"a":2}},"thoughtSignature":"AAEC"},
    {"functionCall":{"name":"f","args":{}}}]})"));
  CHECK(contents[2] == json_of(R"({"role":"user","parts":[
    {"functionResponse":{"name":"f","response":{"output":{"b":1}}}},
    {"functionResponse":{"name":"f","response":{"output":"two"}}}]})"));
  CHECK(contents[3] == json_of(R"({"role":"user","parts":[{"text":"now"}]})"));
}

TEST_CASE("a history that opens with a call gets somebody who asked") {
  const auto contents = [](std::vector<chat::Part> parts) {
    return write_request(request_of({turn_of(chat::Role::assistant, std::move(parts))}))
        .body["contents"];
  };
  const Json called = contents({call_part("a", "f", "{}")});
  REQUIRE(called.size() == 2);
  CHECK(called[0]["role"] == "user");
  CHECK(called[1]["parts"][0]["functionCall"]["name"] == "f");
  CHECK(contents({text_part("Hello!")}).size() == 1);
}

TEST_CASE("the first call of a step without a signature says so, where signatures are wanted") {
  auto request = conversation();
  std::get<chat::ToolCall>(request.turns[1].parts[1]).signature.clear();
  const Json newest = contents_of(request)[1]["parts"];
  CHECK(newest[1]["thoughtSignature"] == "skip_thought_signature_validator");
  CHECK_FALSE(newest[2].contains("thoughtSignature"));
  CHECK_FALSE(contents_of(request, older)[1]["parts"][1].contains("thoughtSignature"));
}

TEST_CASE("own state goes back to where it stood, foreign state and bare thoughts stay away") {
  chat::Thinking own, foreign, bare;
  own.origin = "gemini";
  own.state = R"({"text":"","thoughtSignature":"AAEC"})";
  foreign.origin = "anthropic";
  foreign.state = R"({"type":"thinking","thinking":"x","signature":"y"})";
  bare.text = "hm";
  const Json parts = contents_of(request_of(
      {user_says("a"), turn_of(chat::Role::assistant, {foreign, bare, text_part("b"), own}),
       user_says("c")}))[1]["parts"];
  CHECK(parts == json_of(R"([{"text":"b"},{"text":"","thoughtSignature":"AAEC"}])"));
  const Json empty = contents_of(
      request_of({user_says("a"), turn_of(chat::Role::assistant, {foreign}), user_says("c")}));
  CHECK(empty == json_of(R"([{"role":"user","parts":[{"text":"a"},{"text":"c"}]}])"));
}

TEST_CASE("errors of tools are told as errors, and a missing result as one") {
  auto request = request_of({user_says("a"),
                             turn_of(chat::Role::assistant, {call_part("c1", "f", "{}"),
                                                             call_part("c2", "g", "nonsense")}),
                             user_says("b")});
  auto failed = result_part("c1", {text_part("no")});
  failed.is_error = true;
  request.turns[2].parts.insert(request.turns[2].parts.begin(), failed);
  const Json contents = contents_of(request);
  CHECK(contents[1]["parts"][1]["functionCall"]["args"] == json_of(R"({"_raw":"nonsense"})"));
  const Json& results = contents[2]["parts"];
  REQUIRE(results.size() == 2);
  CHECK(results[0]["functionResponse"]["response"] == json_of(R"({"error":"no"})"));
  CHECK(results[1]["functionResponse"]["response"].contains("error"));
  CHECK(results[1]["functionResponse"]["name"] == "g");
}

TEST_CASE("pictures in results are never lost") {
  const auto request = request_of(
      {user_says("a"), turn_of(chat::Role::assistant, {call_part("c1", "f", "{}")}),
       turn_of(chat::Role::user, {result_part("c1", {text_part("see"), image_part()})})});
  const Json inline_data =
      json_of(R"({"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}})");
  const Json newest = contents_of(request);
  REQUIRE(newest.size() == 3);
  CHECK(newest[2]["parts"][0]["functionResponse"]["parts"] == Json::array({inline_data}));
  const Json before = contents_of(request, older);
  REQUIRE(before.size() == 4);
  CHECK_FALSE(before[2]["parts"][0]["functionResponse"].contains("parts"));
  CHECK(before[3]["parts"] == Json::array({inline_data}));
}

TEST_CASE("media go inline, text as text/plain; what would have to be fetched is refused") {
  chat::Media words;
  words.kind = chat::Media::Kind::document;
  words.media_type = "text/plain";
  words.data = "hello";
  words.is_text = true;
  const Json parts =
      contents_of(request_of({turn_of(chat::Role::user, {image_part(), words})}))[0]["parts"];
  CHECK(parts[1] == json_of(R"({"inlineData":{"mimeType":"text/plain","data":"aGVsbG8="}})"));
  chat::Media remote;
  remote.url = "https://example.com/a.png";
  const auto refused_param = [](const chat::Media& media) {
    return write_request(request_of({turn_of(chat::Role::user, {media})})).refused_param;
  };
  CHECK(refused_param(remote) == "image_url");
  chat::Media kept;
  kept.file_id = "file-1";
  CHECK(refused_param(kept) == "file_id");
}

TEST_CASE("tools are declared with their schemas as they are, renamed where they must be") {
  auto request = request_of({user_says("a")});
  request.tools = {tool_of("f", R"({"type":"object","properties":{"z":{},"a":{}}})"),
                   tool_of("7up", ""),
                   tool_of("f", R"({"type":"object","properties":{"z":{},"a":{}}})")};
  request.tools[0].description = request.tools[2].description = "d";
  const Written written = write_request(request);
  const Json functions = written.body["tools"][0]["functionDeclarations"];
  REQUIRE(functions.size() == 2);
  CHECK(
      functions[0].dump() ==
      R"({"name":"f","description":"d","parametersJsonSchema":{"type":"object","properties":{"z":{},"a":{}}}})");
  CHECK_FALSE(functions[1].contains("parametersJsonSchema"));
  REQUIRE(written.renamed.size() == 1);
  CHECK(written.renamed[0].means.name == "7up");
  CHECK(functions[1]["name"] == written.renamed[0].written);
  CHECK_FALSE(written.body.contains("toolConfig"));
}

TEST_CASE("freeform tools are functions of one text, in the history too") {
  auto request = request_of({user_says("a")});
  chat::Tool patch = tool_of("apply_patch", "");
  patch.kind = chat::Tool::Kind::freeform;
  request.tools = {patch};
  chat::ToolCall call = call_part("c1", "apply_patch", "*** Begin");
  call.freeform = true;
  request.turns.push_back(turn_of(chat::Role::assistant, {call}));
  request.turns.push_back(turn_of(chat::Role::user, {result_part("c1", {text_part("ok")})}));
  const Written written = write_request(request);
  CHECK(written.body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]["required"] ==
        json_of(R"(["input"])"));
  CHECK(written.body["contents"][1]["parts"][0]["functionCall"]["args"] ==
        json_of(R"({"input":"*** Begin"})"));
  REQUIRE(written.renamed.size() == 1);
  CHECK(written.renamed[0].means.freeform);
}

TEST_CASE("the choice of tools is told, and nothing where there are none") {
  using Mode = chat::ToolChoice::Mode;
  const auto calling = [](Mode mode, std::vector<std::string> only = {}) {
    auto request = request_of({user_says("a")});
    request.tools = {tool_of("f"), tool_of("g")};
    request.choice.mode = mode;
    request.choice.name = mode == Mode::one ? "f" : "";
    request.choice.only = std::move(only);
    return write_request(request).body.value("toolConfig", Json());
  };
  CHECK(calling(Mode::automatic).is_null());
  CHECK(calling(Mode::none) == json_of(R"({"functionCallingConfig":{"mode":"NONE"}})"));
  CHECK(calling(Mode::required) == json_of(R"({"functionCallingConfig":{"mode":"ANY"}})"));
  CHECK(calling(Mode::one) ==
        json_of(R"({"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}})"));
  CHECK(calling(Mode::automatic, {"g"}) ==
        json_of(R"({"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["g"]}})"));
  auto none = request_of({user_says("a")});
  none.choice.mode = Mode::required;
  CHECK_FALSE(write_request(none).body.contains("toolConfig"));
}

TEST_CASE("a provider's own tool of another dialect is left out if it only helps, else refused") {
  auto request = request_of({user_says("a")});
  chat::Tool search;
  search.kind = chat::Tool::Kind::hosted;
  search.name = "web_search";
  search.origin = "openai-responses";
  request.tools = {search, tool_of("f")};
  CHECK(write_request(request).dropped == std::vector<std::string>{"tools.web_search"});
  request.choice.mode = chat::ToolChoice::Mode::one;
  request.choice.name = "web_search";
  CHECK(write_request(request).refused_param == "tool_choice");
  request.tools[0].name = "code_interpreter";
  CHECK(write_request(request).refused_param == "tools");
}

TEST_CASE("limits and sampling are told by their names here") {
  auto request = request_of({user_says("a")});
  request.temperature = 0.5;
  request.top_p = 0.25;
  request.top_k = 40;
  request.seed = 3;
  request.presence_penalty = 0.5;
  request.frequency_penalty = -0.5;
  request.output_cap = 0;
  request.stops = {"a", "b"};
  CHECK(config_of(request) ==
        json_of(R"({"temperature":0.5,"topP":0.25,"topK":40,"seed":3,"presencePenalty":0.5,
                    "frequencyPenalty":-0.5,"maxOutputTokens":1,"stopSequences":["a","b"]})"));
  CHECK(config_of(request_of({user_says("a")})).is_null());
  request.stops = {"1", "2", "3", "4", "5", "6"};
  CHECK(write_request(request).refused_param == "stop");
}

TEST_CASE("effort is a level for new models and a budget for old ones") {
  const auto thinking = [](chat::Effort effort, std::string model) {
    auto request = request_of({user_says("a")});
    request.reasoning.effort = effort;
    const Json config = config_of(request, std::move(model));
    return config.is_object() ? config.value("thinkingConfig", Json()) : Json();
  };
  using enum chat::Effort;
  CHECK(thinking(high, "gemini-3-pro-preview") ==
        json_of(R"({"thinkingLevel":"HIGH","includeThoughts":true})"));
  CHECK(thinking(max, "gemini-3-flash-preview")["thinkingLevel"] == "HIGH");
  CHECK(thinking(minimal, "gemini-3-flash-preview")["thinkingLevel"] == "MINIMAL");
  CHECK(thinking(minimal, "gemini-3.1-pro-preview")["thinkingLevel"] == "LOW");
  CHECK(thinking(none, "gemini-3.1-pro-preview") == json_of(R"({"thinkingLevel":"LOW"})"));
  CHECK(thinking(none, "gemini-2.5-flash") == json_of(R"({"thinkingBudget":0})"));
  CHECK(thinking(none, "gemini-2.5-pro") == json_of(R"({"thinkingBudget":128})"));
  CHECK(thinking(medium, "gemini-2.5-pro")["thinkingBudget"] == 8192);
  CHECK(thinking(max, "gemini-2.5-flash")["thinkingBudget"] == 24576);
  CHECK(thinking(high, "gemini-2.0-flash").is_null());
}

TEST_CASE("nobody is made to think, and thoughts are shown to those who see them") {
  auto request = request_of({user_says("a")});
  request.reasoning.visible = false;
  CHECK(config_of(request).is_null());
  request.reasoning.effort = chat::Effort::low;
  CHECK(config_of(request)["thinkingConfig"] == json_of(R"({"thinkingLevel":"LOW"})"));
  request.reasoning = {};
  request.reasoning.visible = true;
  CHECK(config_of(request)["thinkingConfig"] == json_of(R"({"includeThoughts":true})"));
  request.reasoning = {};
  request.reasoning.budget = 999;
  CHECK(config_of(request, older)["thinkingConfig"]["thinkingBudget"] == 999);
}

TEST_CASE("structured output is asked for, in words where tools forbid it") {
  auto request = request_of({user_says("a")});
  request.format.kind = chat::Format::Kind::schema;
  request.format.schema = R"({"type":"object","properties":{"z":{},"a":{}}})";
  CHECK(
      config_of(request).dump() ==
      R"({"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"z":{},"a":{}}}})");
  request.tools = {tool_of("f")};
  CHECK(config_of(request).contains("responseJsonSchema"));
  const Written written = write_request(request, older);
  CHECK_FALSE(written.body.contains("generationConfig"));
  CHECK(written.body["systemInstruction"].dump().find("follows this schema") != std::string::npos);
  CHECK(written.dropped == std::vector<std::string>{"response_format"});
  request.tools.clear();
  request.format = {};
  request.format.kind = chat::Format::Kind::json;
  CHECK(config_of(request) == json_of(R"({"responseMimeType":"application/json"})"));
}

TEST_CASE("what cannot be told is refused or left out by its name") {
  auto request = request_of({user_says("a")});
  request.choices = 2;
  CHECK(write_request(request).refused_param == "n");
  request.choices = 1;
  request.own_only = {"previous_response_id"};
  CHECK(write_request(request).refused_param == "previous_response_id");
  request.own_only.clear();
  request.hints = {"logit_bias"};
  request.verbosity = "low";
  request.metadata = "{}";
  request.cache_key = "k";
  request.user = "u";
  request.service_tier = "fast";
  request.tools = {tool_of("f")};
  request.choice.parallel = false;
  CHECK(write_request(request).dropped ==
        std::vector<std::string>{"logit_bias", "parallel_tool_calls", "service_tier", "verbosity",
                                 "metadata", "prompt_cache_key", "user"});
  request.service_tier = "flex";
  CHECK(write_request(request).body["serviceTier"] == "flex");
}

TEST_CASE("a count is asked for with all that counts") {
  auto request = conversation();
  request.count_only = true;
  request.tools = {tool_of("f")};
  request.output_cap = 5;
  const Written written = write_request(request, "g-1");
  CHECK(written.path == "/models/g-1:countTokens");
  const Json& inside = written.body["generateContentRequest"];
  CHECK(inside["model"] == "models/g-1");
  CHECK(inside["contents"].size() == 4);
  CHECK(inside.contains("tools"));
  CHECK_FALSE(inside.contains("generationConfig"));
}
