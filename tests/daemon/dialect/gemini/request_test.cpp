#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "common/json/json.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/splice.h"

namespace routerone {
namespace {

const dialect::Dialect& gemini() { return *dialect::find("gemini"); }
const dialect::Operation& whole() { return gemini().operations()[0]; }

std::string capped(const std::string& body, std::int64_t cap) {
  std::string out;
  const auto splices = gemini().write_cap(whole(), body, cap, {});
  for (const std::string_view piece : dialect::splice(body, splices)) out += piece;
  return out;
}

std::string refused_field(const std::string& body) {
  const auto envelope = gemini().read_envelope(whole(), body);
  return envelope ? "" : envelope.error().param;
}

dialect::Envelope of_target(std::string_view path, std::string_view query) {
  const dialect::Match match = dialect::match(path, {});
  REQUIRE(match.operation);
  dialect::Envelope envelope;
  match.dialect->read_target(*match.operation, path, query, envelope);
  return envelope;
}

Demand demand(const std::string& body) {
  REQUIRE(gemini().read_envelope(whole(), body));
  const auto found = gemini().measure(whole(), body);
  REQUIRE(found);
  return *found;
}

std::string with_part(const std::string& part) {
  return R"({"contents":[{"role":"user","parts":[)" + part + "]}]}";
}

const std::string png = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFN";

TEST_CASE("model, framing and whether it is a stream stand in path and query") {
  const auto plain = of_target("/v1beta/models/gemini-x:generateContent", "");
  CHECK(plain.model == "gemini-x");
  CHECK_FALSE(plain.stream);
  CHECK_FALSE(plain.as_array);
  const auto events = of_target("/v1/models/lab/m:streamGenerateContent", "key=k&alt=sse");
  CHECK(events.model == "lab/m");
  CHECK(events.stream);
  CHECK_FALSE(events.as_array);
  CHECK(of_target("/v1beta/models/a%2Fb:streamGenerateContent", "alt=json").as_array);
  CHECK(of_target("/v1beta/models/a%2Fb:streamGenerateContent", "").model == "a/b");
  CHECK(of_target("/v1beta/lab/m:generateContent", "").model == "lab/m");
  CHECK(of_target("/v1/lab/m:streamGenerateContent", "alt=sse").stream);
}

TEST_CASE("a POST with a verb is this dialect's, and so are its errors") {
  const auto counted = dialect::match("/v1/models/m:countTokens", {});
  REQUIRE(counted.operation);
  CHECK(counted.operation->kind == dialect::OperationKind::count);
  const auto unknown = dialect::match("/v1beta/models/m:embedContent", {});
  CHECK(unknown.dialect->id() == "gemini");
  CHECK(unknown.operation == nullptr);
}

TEST_CASE("the list of models has two paths, and the shared one is told by who asks") {
  CHECK(dialect::match("/v1beta/models", {}).models == "");
  CHECK(dialect::match("/v1beta/models", {}).dialect->id() == "gemini");
  CHECK(dialect::match("/v1beta/models/a/b", {}).models == "a/b");
  CHECK(dialect::match("/v1beta/models/chat/completions", {}).dialect->id() == "gemini");
  const http::Field key{"X-Goog-Api-Key", "k"};
  const auto by_head = dialect::match("/v1/models", {&key, 1});
  CHECK(by_head.models == "");
  CHECK(by_head.dialect->id() == "gemini");
  CHECK(dialect::match("/v1/models/m", {}, "a=b&key=k").dialect->id() == "gemini");
  CHECK(dialect::match("/v1/models", {}, "monkey=k").dialect->id() == "openai-chat");
  CHECK_FALSE(dialect::match("/v1beta/modelsx", {}).models);
}

TEST_CASE("the output cap is read in either spelling, from a number or a string of one") {
  const auto cap = [](const std::string& body) {
    const auto envelope = gemini().read_envelope(whole(), body);
    REQUIRE(envelope);
    CHECK(envelope->model_size == 0);
    return envelope->output_cap;
  };
  CHECK(cap(R"({"generationConfig":{"maxOutputTokens":7}})") == 7);
  CHECK(cap(R"({"generation_config":{"max_output_tokens":7}})") == 7);
  CHECK(cap(R"({"generationConfig":{"max_output\u005ftokens":"7"}})") == 7);
  CHECK_FALSE(cap(R"({"generationConfig":{"maxOutputTokens":null}})"));
  CHECK_FALSE(cap(R"({"generationConfig":null})"));
  CHECK_FALSE(cap(R"({"contents":[]})"));
}

TEST_CASE("what leaves open which cap counts is refused") {
  const std::string path = "generationConfig.maxOutputTokens";
  CHECK(refused_field(R"({"generationConfig":{"maxOutputTokens":7,"max_output_tokens":9}})") ==
        path);
  CHECK(refused_field(R"({"generationConfig":{"maxOutputTokens":7,"maxOutputTokens":9}})") == path);
  CHECK(refused_field(R"({"generationConfig":{"maxoutputtokens":7}})") == path);
  CHECK(refused_field(R"({"generationConfig":{"maxOutputTokens":-1}})") == path);
  CHECK(refused_field(R"({"generationConfig":{"maxOutputTokens":"lots"}})") == path);
  CHECK(refused_field(R"({"generationConfig":{},"generation_config":{}})") == "generationConfig");
  CHECK(refused_field(R"({"generationConfig":[]})") == "generationConfig");
  CHECK(refused_field(R"({"model":"dearer"})") == "model");
  CHECK_FALSE(gemini().read_envelope(whole(), "[]"));
  CHECK_FALSE(gemini().read_envelope(gemini().operations()[4], "{"));
}

TEST_CASE("a cap is put wherever it belongs, and everything else stays as it was") {
  CHECK(capped(R"({"contents":[]})", 50) ==
        R"({"generationConfig":{"maxOutputTokens":50},"contents":[]})");
  CHECK(capped("{ }", 50) == R"({"generationConfig":{"maxOutputTokens":50} })");
  CHECK(capped(R"({"generationConfig":null})", 50) ==
        R"({"generationConfig":{"maxOutputTokens":50}})");
  CHECK(capped(R"({"generationConfig":{}})", 50) ==
        R"({"generationConfig":{"maxOutputTokens":50}})");
  CHECK(capped(R"({"generation_config": {"topK":1}})", 50) ==
        R"({"generation_config": {"maxOutputTokens":50,"topK":1}})");
  CHECK(capped(R"({"generationConfig":{"max_output_tokens": "900" }})", 50) ==
        R"({"generationConfig":{"max_output_tokens": 50 }})");
}

TEST_CASE("whatever cap is put in is read back") {
  rc::check("for each of the places a cap may have", [] {
    const std::string body = *rc::gen::element<std::string>(
        "{}", R"({"contents":[]})", R"({"generationConfig":{}})", R"({"generationConfig":null})",
        R"({"a":1,"generation_config":{"topP":1,"maxOutputTokens":null}})",
        R"({"generationConfig":{"max_output_tokens":3}})");
    const auto cap = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40);
    const auto again = gemini().read_envelope(whole(), capped(body, cap));
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->output_cap == cap);
  });
}

TEST_CASE("a plain request is its size in bytes") {
  const std::string body = with_part(R"({"text":"hi"})");
  const Demand found = demand(body);
  CHECK(found.text_bytes == static_cast<std::int64_t>(body.size()));
  CHECK(found.refers_to.empty());
  CHECK(found.choices == 1);
}

TEST_CASE("media inside a request count by what they are, in either spelling") {
  const Demand image =
      demand(with_part(R"({"inlineData":{"mimeType":"image/png","data":")" + png + R"("}})"));
  REQUIRE(image.images.size() == 1);
  CHECK(image.images[0].width == 3);
  const Demand snake =
      demand(with_part(R"({"inline_data":{"mime_type":"audio/wav","data":"UklGRgAA"}})"));
  CHECK(snake.audio_bytes == 6);
  const Demand pdf = demand(with_part(
      R"({"inlineData":{"mimeType":"application/pdf","data":"JVBERi0xLjQKPDwgL1R5cGUgL1BhZ2VzIC9Db3VudCAzID4+"}})"));
  CHECK(pdf.document_pages >= 3);
  const Demand result = demand(with_part(
      R"({"functionResponse":{"name":"f","response":{},"parts":[{"inlineData":{"mimeType":"image/png","data":")" +
      png + R"("}}]}})"));
  CHECK(result.images.size() == 1);
  const Demand system =
      demand(R"({"systemInstruction":{"parts":[{"inlineData":{"mimeType":"image/png","data":")" +
             png + R"("}}]}})");
  CHECK(system.images.size() == 1);
}

TEST_CASE("what only the provider has is named") {
  CHECK(demand(with_part(R"({"fileData":{"fileUri":"https://x/files/1"}})")).refers_to ==
        "fileData");
  CHECK(demand(with_part(R"({"file_data":{"file_uri":"u"}})")).refers_to == "fileData");
  CHECK(demand(R"({"cachedContent":"cachedContents/1"})").refers_to == "cachedContent");
  CHECK(demand(R"({"cached_content":"cachedContents/1"})").refers_to == "cachedContent");
  CHECK(demand(with_part(R"({"inlineData":{"mimeType":"video/mp4","data":"AAAAIGZ0eXA="}})"))
            .refers_to == "inlineData");
}

TEST_CASE("tools that the provider runs have no bound, those of the caller cost their text") {
  CHECK(demand(R"({"tools":[{"functionDeclarations":[{"name":"f"}]}]})").unbounded_tool.empty());
  CHECK(demand(R"({"tools":[{"googleSearch":{}}]})").unbounded_tool == "googleSearch");
  CHECK(demand(R"({"tools":[{"functionDeclarations":[]},{"code_execution":{}}]})").unbounded_tool ==
        "code_execution");
  CHECK(demand(R"({"tools":[{"toolOfNextYear":{}}]})").unbounded_tool == "toolOfNextYear");
  CHECK(demand(R"({"tools":[{"computerUse":{}}]})").built_in_tools == 1);
}

TEST_CASE("candidates, thinking budget and tier are read, and refused if given twice") {
  const Demand found = demand(
      R"({"generationConfig":{"candidateCount":3,"thinkingConfig":{"thinkingBudget":99}},"serviceTier":"flex"})");
  CHECK(found.choices == 3);
  CHECK(found.thinking_budget == 99);
  CHECK(found.service_tier == "flex");
  CHECK(demand(R"({"generation_config":{"thinking_config":{"thinking_budget":-1}}})")
            .thinking_budget == 0);
  const auto twice =
      gemini().measure(whole(), R"({"generationConfig":{"candidateCount":1,"candidate_count":8}})");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().param == "generationConfig.candidateCount");
}

}  // namespace
}  // namespace routerone
