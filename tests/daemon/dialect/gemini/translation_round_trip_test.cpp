#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/daemon/dialect/gemini/translation_support.h"
#include "tests/daemon/dialect/json_properties.h"

using namespace routerone;
using namespace routerone::gemini_test;

namespace {

using rc::gen::element;
using rc::gen::inRange;

bool often() { return *inRange(0, 2) == 0; }

Json any_text() {
  return {{"text", *element<std::string>("hello", "a \"quoted\"\nline", "Grüße", "{}")}};
}

Json any_media() {
  const bool image = often();
  return {{"inlineData",
           {{"mimeType", image ? "image/png" : "application/pdf"},
            {"data", image ? "iVBORw0KGgo=" : "JVBERi0xLjQK"}}}};
}

/// What the model said and, where it called, the results, as many and in the same order.
void add_exchange(Json& contents) {
  Json said = Json::array(), heard = Json::array();
  if (often()) said.push_back(any_text());
  const int calls = *inRange(0, 3);
  for (int i = 0; i < calls; ++i) {
    const std::string name = *element<std::string>("f", "g");
    Json part = {{"functionCall",
                  {{"name", name},
                   {"args", json_of(*element<std::string>("{}", R"({"z":1,"a":[null]})"))}}}};
    if (i == 0) part["thoughtSignature"] = "U2lnbmVk";
    said.push_back(part);
    Json response = {{"name", name}, {"response", {{often() ? "output" : "error", "words"}}}};
    if (often()) response["parts"] = Json::array({any_media()});
    heard.push_back({{"functionResponse", response}});
  }
  if (said.empty()) said.push_back(any_text());
  contents.push_back({{"role", "model"}, {"parts", said}});
  if (heard.empty()) heard.push_back(any_text());
  contents.push_back({{"role", "user"}, {"parts", heard}});
}

Json any_config() {
  Json out = {{"maxOutputTokens", *inRange(1, 5000)}};
  if (often()) out["temperature"] = 0.5;
  if (often()) out["topP"] = 0.25;
  if (often()) out["topK"] = 40;
  if (often()) out["seed"] = 7;
  if (often()) out["stopSequences"] = {"END", "STOP"};
  if (often()) {
    out["responseMimeType"] = "application/json";
    if (often()) out["responseJsonSchema"] = json_of(R"({"type":"object","properties":{"z":{}}})");
  }
  if (often()) {
    out["thinkingConfig"] = {{"thinkingLevel", *element<std::string>("LOW", "HIGH")},
                             {"includeThoughts", true}};
  }
  return out;
}

Json any_request() {
  Json contents =
      Json::array({{{"role", "user"}, {"parts", Json::array({any_text(), any_media()})}}});
  for (int i = *inRange(0, 4); i > 0; --i) add_exchange(contents);
  Json out = {{"contents", contents}, {"generationConfig", any_config()}};
  if (often()) out["systemInstruction"] = {{"parts", Json::array({any_text(), any_text()})}};
  if (often()) {
    out["tools"] = json_of(
        R"([{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object","properties":{"z":{},"a":{}}}},{"name":"g"}]}])");
    if (often()) {
      out["toolConfig"] = {
          {"functionCallingConfig", {{"mode", *element<std::string>("ANY", "NONE")}}}};
    }
  }
  return out;
}

/// The names that parts of one kind have, in order.
std::vector<std::string> named(const Json& body, const char* kind) {
  std::vector<std::string> out;
  for (const Json& content : body["contents"]) {
    for (const Json& part : content["parts"]) {
      if (part.contains(kind)) out.push_back(part[kind]["name"]);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a request read and written again means the same") {
  CHECK(rc::check("nothing lost, nothing added, nothing moved", [] {
    const Json body = any_request();
    const auto read = read_request(body.dump());
    RC_ASSERT(read.has_value());
    const Written written = write_request(*read);
    RC_LOG() << body.dump() << "\n" << written.body.dump() << "\n";
    RC_ASSERT(written.refused_message == "");
    // Members of the settings may stand in another order; nowhere else.
    test::same_members(body, written.body);
  }));
}

TEST_CASE("what other dialects are asked instead has all calls and as many results") {
  CHECK(rc::check("through each dialect and back", [] {
    const Json body = any_request();
    const auto read = read_request(body.dump());
    RC_ASSERT(read.has_value());
    for (const char* id : {"openai-chat", "openai-responses", "anthropic"}) {
      const dialect::Dialect& other = *dialect::find(id);
      const auto out = other.translation()->write_request(*read, target_of("claude-opus-4-6"));
      RC_LOG() << id << "\n" << body.dump() << "\n" << (out ? out->body : out.error().message);
      RC_ASSERT(out.has_value());
      const auto back =
          other.translation()->read_request(other.operations().front(), "", out->body);
      RC_ASSERT(back.has_value());
      const Written again = write_request(*back);
      RC_ASSERT(again.refused_message == "");
      const std::vector<std::string> due = named(body, "functionCall");
      RC_ASSERT(named(again.body, "functionCall") == due);
      RC_ASSERT(named(again.body, "functionResponse") == due);
      RC_ASSERT(again.body.contains("systemInstruction") || !body.contains("systemInstruction"));
    }
  }));
}

TEST_CASE("arguments and schemas keep the order of their members on the way") {
  const auto read = read_request(
      R"({"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"z":1,"m":{"y":2,"b":3},"a":4}}}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"z":1,"a":{"y":1,"b":2}}}]}]})");
  const auto written = translation().write_request(*read, target_of("gemini-3-flash-preview"));
  CHECK(written->body.find(R"({"z":1,"m":{"y":2,"b":3},"a":4})") != std::string::npos);
  CHECK(written->body.find(R"({"z":1,"a":{"y":1,"b":2}})") != std::string::npos);
}
