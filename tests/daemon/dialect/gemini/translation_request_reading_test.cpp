#include <doctest/doctest.h>

#include "daemon/dialect/base64.h"
#include "daemon/dialect/carrier.h"
#include "translation_support.h"

using namespace routerone;
using namespace routerone::gemini_test;

namespace {

chat::Request read(std::string_view body, std::size_t operation = 0) {
  const auto request = read_request(body, operation);
  if (!request) FAIL(request.error().message);
  return *request;
}

template <class Kind>
Kind part(const chat::Request& request, std::size_t turn, std::size_t at) {
  REQUIRE(turn < request.turns.size());
  REQUIRE(at < request.turns[turn].parts.size());
  const auto* found = std::get_if<Kind>(&request.turns[turn].parts[at]);
  REQUIRE(found != nullptr);
  return *found;
}

std::string contents(std::string_view parts, std::string_view role = "user") {
  return R"({"contents":[{"role":")" + std::string(role) + R"(","parts":[)" + std::string(parts) +
         "]}]}";
}

std::string configured(std::string_view members) {
  return body_with(R"("generationConfig":{)" + std::string(members) + "}");
}

}  // namespace

TEST_CASE("instructions come first and turns keep their order, wherever they stand") {
  const auto request = read(
      R"({"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"},{"text":"c"}]}],
          "system_instruction":{"parts":[{"text":"s1"},{"text":"s2"}]}})");
  CHECK(request.model == "m");
  REQUIRE(request.turns.size() == 3);
  CHECK(request.turns[0].role == chat::Role::system);
  CHECK(part<chat::Text>(request, 0, 1).text == "s2");
  CHECK(request.turns[1].role == chat::Role::user);
  CHECK(request.turns[2].role == chat::Role::assistant);
  CHECK(part<chat::Text>(request, 2, 1).text == "c");
}

TEST_CASE("settings are read in both spellings") {
  for (const char* body :
       {R"("temperature":0.5,"topP":0.9,"topK":40.0,"maxOutputTokens":7,"stopSequences":["x"],
           "seed":3,"presencePenalty":0.1,"frequencyPenalty":0.2,"candidateCount":2,
           "thinkingConfig":{"includeThoughts":true,"thinkingLevel":"LOW"})",
        R"("temperature":0.5,"top_p":0.9,"top_k":40,"max_output_tokens":"7","stop_sequences":["x"],
           "seed":"3","presence_penalty":0.1,"frequency_penalty":0.2,"candidate_count":2,
           "thinking_config":{"include_thoughts":true,"thinking_level":"low"})"}) {
    const auto request = read(configured(body));
    CHECK(request.temperature == 0.5);
    CHECK(request.top_p == 0.9);
    CHECK(request.top_k == 40);
    CHECK(request.output_cap == 7);
    CHECK(request.stops == std::vector<std::string>{"x"});
    CHECK(request.seed == 3);
    CHECK(request.presence_penalty == 0.1);
    CHECK(request.frequency_penalty == 0.2);
    CHECK(request.choices == 2);
    CHECK(request.reasoning.visible == true);
    CHECK(request.reasoning.effort == chat::Effort::low);
    CHECK(request.hints.empty());
  }
}

TEST_CASE("who does not ask for thoughts is not shown any, and absent effort stays absent") {
  CHECK(read(body_with("")).reasoning.visible == false);
  CHECK_FALSE(read(body_with("")).reasoning.effort);
  CHECK(read(configured(R"("thinkingConfig":{"thinkingBudget":99})")).reasoning.budget == 99);
  CHECK(read(configured(R"("thinkingConfig":{"thinkingBudget":0})")).reasoning.off);
  CHECK(read(configured(R"("thinkingConfig":{"thinkingBudget":-1})")).reasoning.adaptive);
}

TEST_CASE("media are told by their types, in either alphabet of base64") {
  const auto request = read(contents(
      R"({"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}},
         {"inline_data":{"mime_type":"audio/wav","data":"UklGRv__-w"}},
         {"inlineData":{"mimeType":"application/pdf","data":"JVBERi0=","displayName":"p.pdf"}},
         {"fileData":{"mimeType":"image/png","fileUri":"https://example.com/a.png"}},
         {"fileData":{"mimeType":"image/png","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/1"}})"));
  CHECK(part<chat::Media>(request, 0, 0).kind == chat::Media::Kind::image);
  const auto sound = part<chat::Media>(request, 0, 1);
  CHECK(sound.kind == chat::Media::Kind::audio);
  CHECK(sound.data == "UklGRv//+w==");
  const auto document = part<chat::Media>(request, 0, 2);
  CHECK(document.kind == chat::Media::Kind::document);
  CHECK(document.name == "p.pdf");
  CHECK(part<chat::Media>(request, 0, 3).url == "https://example.com/a.png");
  CHECK_FALSE(part<chat::Media>(request, 0, 4).file_id.empty());
}

TEST_CASE("calls and results are read, with ids and without, in both spellings") {
  const auto request = read(
      R"({"contents":[
        {"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"z":1,"a":[2]}}},
                                 {"function_call":{"name":"g"}}]},
        {"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"ok"}}},
          {"function_response":{"name":"g","response":{"error":"no"},
            "parts":[{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]}}]}]})");
  const auto call = part<chat::ToolCall>(request, 0, 0);
  CHECK(call.id == "c1");
  CHECK(call.arguments == R"({"z":1,"a":[2]})");
  CHECK(part<chat::ToolCall>(request, 0, 1).arguments == "{}");
  const auto result = part<chat::ToolResult>(request, 1, 0);
  CHECK(result.call_id == "c1");
  CHECK(std::get<chat::Text>(result.content.at(0)).text == "ok");
  CHECK_FALSE(result.is_error);
  const auto failed = part<chat::ToolResult>(request, 1, 1);
  CHECK(failed.is_error);
  CHECK(failed.name == "g");
  CHECK(std::holds_alternative<chat::Media>(failed.content.at(1)));
}

TEST_CASE("a result that is more than its output is told whole") {
  const auto text = [](std::string_view response) {
    const auto request = read(
        contents(R"({"functionResponse":{"name":"f","response":)" + std::string(response) + "}}"));
    const auto result = part<chat::ToolResult>(request, 0, 0);
    return result.content.empty() ? "" : std::get<chat::Text>(result.content[0]).text;
  };
  CHECK(text(R"({"output":{"b":1,"a":2}})") == R"({"b":1,"a":2})");
  CHECK(text(R"({"result":"x"})") == R"({"result":"x"})");
  CHECK(text(R"({"output":"x","more":1})") == R"({"output":"x","more":1})");
  CHECK(text(R"({"output":""})").empty());
  CHECK(text(R"({"name":"f","content":"x"})") == "x");
  CHECK(text(R"({"name":"g","content":"x"})") == R"({"name":"g","content":"x"})");
}

TEST_CASE("signatures stay with their calls, and those of texts stand behind them") {
  const auto request = read(contents(
      R"({"text":"hm","thought":true},{"text":"so","thoughtSignature":"AAEC"},
         {"functionCall":{"name":"f","args":{}},"thought_signature":"AwQF"})",
      "model"));
  CHECK(part<chat::Thinking>(request, 0, 0).text == "hm");
  CHECK(part<chat::Thinking>(request, 0, 0).state.empty());
  CHECK(part<chat::Text>(request, 0, 1).text == "so");
  const auto held = part<chat::Thinking>(request, 0, 2);
  CHECK(held.origin == "gemini");
  CHECK(json_of(held.state) == json_of(R"({"text":"","thoughtSignature":"AAEC"})"));
  CHECK(part<chat::ToolCall>(request, 0, 3).signature == "AwQF");
}

TEST_CASE("state of another dialect comes back out of a signature, before its call") {
  chat::Thinking one, two;
  one.origin = two.origin = "anthropic";
  one.state = R"({"type":"thinking","thinking":"hm","signature":"EqQB"})";
  two.state = R"({"type":"redacted_thinking","data":"x"})";
  const std::string carried =
      dialect::to_base64(dialect::write_carrier(one) + " " + dialect::write_carrier(two));
  const auto request =
      read(contents(R"({"text":"hm","thought":true},{"functionCall":{"name":"f","args":{}},
                        "thoughtSignature":")" +
                        carried + R"("})",
                    "model"));
  REQUIRE(request.turns[0].parts.size() == 3);
  CHECK(part<chat::Thinking>(request, 0, 0).origin == "anthropic");
  CHECK(part<chat::Thinking>(request, 0, 0).state == one.state);
  CHECK(part<chat::Thinking>(request, 0, 1).state == two.state);
  CHECK(part<chat::ToolCall>(request, 0, 2).signature.empty());
}

TEST_CASE("state of another dialect stands before what was said with it, behind earlier calls") {
  chat::Thinking state;
  state.origin = "anthropic";
  state.state = R"({"type":"thinking","thinking":"hm","signature":"EqQB"})";
  const std::string carried = dialect::to_base64(dialect::write_carrier(state));
  const std::string call = R"({"functionCall":{"name":"f"})";
  const std::string signed_call = call + R"(,"thoughtSignature":")" + carried + "\"}";
  const auto request =
      read(contents(call + R"(},{"text":"a"},{"text":"b"},)" + signed_call, "model"));
  REQUIRE(request.turns[0].parts.size() == 5);
  CHECK(part<chat::Thinking>(request, 0, 1).state == state.state);
  CHECK(part<chat::Text>(request, 0, 3).text == "b");
}

TEST_CASE("an answer that a chat keeps chunk by chunk is one turn, its state before its words") {
  chat::Thinking state;
  state.origin = "anthropic";
  state.state = R"({"type":"thinking","thinking":"hm","signature":"EqQB"})";
  const std::string carried = dialect::to_base64(dialect::write_carrier(state));
  const auto model = [](const std::string& part) {
    return R"({"role":"model","parts":[)" + part + "]},";
  };
  const auto request =
      read(R"({"contents":[)" + model(R"({"text":"hm","thought":true})") +
           model(R"({"text":"a"})") + model(R"({"text":"b"})") +
           model(R"({"functionCall":{"name":"f"},"thoughtSignature":")" + carried + "\"}") +
           R"({"role":"user","parts":[{"text":"on"}]}]})");
  REQUIRE(request.turns.size() == 2);
  REQUIRE(request.turns[0].parts.size() == 4);
  CHECK(part<chat::Thinking>(request, 0, 0).state == state.state);
  CHECK(part<chat::Text>(request, 0, 2).text == "b");
  CHECK(part<chat::ToolCall>(request, 0, 3).name == "f");
}

TEST_CASE("functions have JSON schemas, the older form included") {
  const auto request = read(body_with(
      R"("tools":[{"functionDeclarations":[
          {"name":"f","description":"d","parametersJsonSchema":{"type":"object","properties":{"z":{},"a":{}}}},
          {"name":"g","parameters":{"type":"OBJECT","properties":{
             "n":{"type":"INTEGER","nullable":true,"format":"int32"},
             "e":{"type":"STRING","format":"enum","enum":["a"]},
             "l":{"type":"ARRAY","minItems":"2","items":{"type":"STRING"}},
             "type":{"type":"STRING"}},
            "propertyOrdering":["n"],"required":["n"]}},
          {"name":"h"}]},{"googleSearch":{}}])"));
  REQUIRE(request.tools.size() == 4);
  CHECK(request.tools[0].description == "d");
  CHECK(request.tools[0].schema == R"({"type":"object","properties":{"z":{},"a":{}}})");
  CHECK(request.tools[1].schema ==
        R"({"type":"object","properties":{"n":{"type":["integer","null"],"format":"int32"},)"
        R"("e":{"type":"string","enum":["a"]},)"
        R"("l":{"type":"array","minItems":2,"items":{"type":"string"}},)"
        R"("type":{"type":"string"}},"required":["n"]})");
  CHECK(request.tools[2].schema.empty());
  CHECK(request.tools[3].kind == chat::Tool::Kind::hosted);
  CHECK(request.tools[3].origin == "gemini");
  CHECK(request.tools[3].raw == R"({"googleSearch":{}})");
}

TEST_CASE("the choice of tools is read in all its modes") {
  const auto choice = [](std::string_view calling) {
    return read(body_with(R"("toolConfig":{"functionCallingConfig":{)" + std::string(calling) +
                          R"(}},"tools":[{"functionDeclarations":[{"name":"f"}]}])"));
  };
  using Mode = chat::ToolChoice::Mode;
  CHECK(choice(R"("mode":"AUTO")").choice.mode == Mode::automatic);
  CHECK(choice(R"("mode":"NONE")").choice.mode == Mode::none);
  CHECK(choice(R"("mode":"ANY")").choice.mode == Mode::required);
  const auto one = choice(R"("mode":"ANY","allowedFunctionNames":["f"])").choice;
  CHECK(one.mode == Mode::one);
  CHECK(one.name == "f");
  const auto some = choice(R"("mode":"ANY","allowed_function_names":["f","g"])").choice;
  CHECK(some.mode == Mode::required);
  CHECK(some.only == std::vector<std::string>{"f", "g"});
  CHECK(choice(R"("mode":"VALIDATED")").tools[0].strict == true);
}

TEST_CASE("the form of the answer is read") {
  using Kind = chat::Format::Kind;
  CHECK(read(configured(R"("responseMimeType":"application/json")")).format.kind == Kind::json);
  const auto schema = read(configured(
      R"("responseJsonSchema":{"type":"object"},"responseMimeType":"application/json")"));
  CHECK(schema.format.kind == Kind::schema);
  CHECK(schema.format.schema == R"({"type":"object"})");
  CHECK(read(configured(R"("responseSchema":{"type":"STRING"})")).format.schema ==
        R"({"type":"string"})");
}

TEST_CASE("what only this dialect knows is told apart from what may be left out") {
  CHECK(read(body_with(R"("cachedContent":"c/1")")).own_only ==
        std::vector<std::string>{"cachedContent"});
  CHECK(read(configured(R"("responseModalities":["TEXT","IMAGE"])")).own_only ==
        std::vector<std::string>{"generationConfig.responseModalities"});
  CHECK(read(configured(R"("responseLogprobs":true)")).own_only ==
        std::vector<std::string>{"generationConfig.responseLogprobs"});
  CHECK(read(configured(R"("candidateCount":2)")).own_only ==
        std::vector<std::string>{"generationConfig.candidateCount"});
  CHECK(read(configured(R"("candidateCount":1)")).own_only.empty());
  CHECK(read(contents(R"({"inlineData":{"mimeType":"video/mp4","data":"AAAA"}})")).own_only ==
        std::vector<std::string>{"contents[0].parts[0].inlineData"});
  CHECK(read(contents(R"({"text":"a"},{"partOfNextYear":{}})")).own_only ==
        std::vector<std::string>{"contents[0].parts[1].partOfNextYear"});
  const auto hints =
      read(body_with(R"("safetySettings":[],"generationConfig":{"mediaResolution":"LOW"})")).hints;
  CHECK(hints == std::vector<std::string>{"safetySettings", "generationConfig.mediaResolution"});
  CHECK(read(configured(R"("responseModalities":["TEXT"])")).own_only.empty());
}

TEST_CASE("a result says text and media, and holds no other result") {
  const auto request = read(
      R"({"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"a":1},)"
      R"("parts":[{"functionResponse":{"name":"g","response":{}}},)"
      R"({"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]}}]}]})");
  const auto& result = std::get<chat::ToolResult>(request.turns.at(0).parts.at(0));
  REQUIRE(result.content.size() == 2);
  CHECK(std::holds_alternative<chat::Media>(result.content[1]));
}

TEST_CASE("what is wrong is refused by the name of its field") {
  CHECK(refused("{}") == "contents");
  CHECK(refused("[]") == "body");
  CHECK(refused("{") == "body");
  CHECK(refused(R"({"contents":"hi"})") == "contents");
  CHECK(refused(R"({"contents":[{"role":"user","parts":[{"functionCall":{"name":"f"}}]}]})") ==
        "contents[0].parts");
  CHECK(refused(R"({"contents":[{"role":"oracle","parts":[]}]})") == "contents[0].role");
  CHECK(refused(configured(R"("temperature":"warm")")) == "generationConfig.temperature");
  CHECK(refused(configured(R"("thinkingConfig":{"thinkingLevel":"SOME"})")) ==
        "generationConfig.thinkingConfig.thinkingLevel");
  CHECK(refused(contents(R"({"functionCall":{"args":{}}})", "model")) ==
        "contents[0].parts[0].functionCall.name");
  CHECK(refused(contents(R"({"inlineData":{"mimeType":"image/png","data":"!"}})")) ==
        "contents[0].parts[0].inlineData");
}

TEST_CASE("a count is asked for in two forms") {
  const auto plain = read(body_with(""), 4);
  CHECK(plain.count_only);
  const auto nested = read(
      R"({"generateContentRequest":{"model":"models/x","contents":[{"parts":[{"text":"hi"}]}],)"
      R"("tools":[{"functionDeclarations":[{"name":"f"}]}]}})",
      4);
  CHECK(nested.count_only);
  CHECK(nested.tools.size() == 1);
  CHECK(nested.model == "m");
}
