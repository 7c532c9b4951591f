#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "common/json/json.h"
#include "daemon/dialect/bedrock_converse/usage.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/gemini/usage.h"
#include "daemon/dialect/registry.h"

namespace routerone {
namespace {

Usage gemini(const std::string& json) {
  const dialect::Dom dom(json);
  REQUIRE(dom.ok());
  return dialect::gemini::read_usage(dom.root());
}

std::int64_t input_of(const Usage& usage) {
  return usage.input.value_or(0) + usage.cache_read.value_or(0) +
         usage.cache_read_audio.value_or(0) + usage.input_audio.value_or(0) +
         usage.input_image.value_or(0);
}

TEST_CASE("Gemini's modalities leave the text for classes of their own, on both sides") {
  const Usage usage =
      gemini(R"({"promptTokenCount":1000,"cachedContentTokenCount":400,"candidatesTokenCount":90,)"
             R"("promptTokensDetails":[{"modality":"AUDIO","tokenCount":300},)"
             R"({"modality":"IMAGE","tokenCount":258},{"modality":"VIDEO","tokenCount":10}],)"
             R"("cacheTokensDetails":[{"modality":"AUDIO","tokenCount":100}],)"
             R"("candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":50},)"
             R"({"modality":"AUDIO","tokenCount":20}]})");
  CHECK(usage.cache_read_audio == 100);
  CHECK(usage.cache_read == 300);
  CHECK(usage.input_audio == 200);
  CHECK(usage.input_image == 258);
  CHECK(usage.input == 142);
  CHECK(usage.output_image == 50);
  CHECK(usage.output_audio == 20);
  CHECK(usage.output == 20);
}

TEST_CASE("Gemini's thoughts are output, even alone, and once") {
  CHECK(gemini(R"({"promptTokenCount":5,"thoughtsTokenCount":7,"totalTokenCount":12})").output ==
        7);
  const Usage outside =
      gemini(R"({"promptTokenCount":5,"candidatesTokenCount":3,"thoughtsTokenCount":7,)"
             R"("totalTokenCount":15})");
  CHECK(outside.output == 10);
  CHECK(outside.reasoning == 7);
  CHECK(gemini(R"({"promptTokenCount":5,"candidatesTokenCount":9,"thoughtsTokenCount":7,)"
               R"("totalTokenCount":14})")
            .output == 9);
}

TEST_CASE("what Gemini does not say is missing, not zero") {
  CHECK_FALSE(gemini("{}").known());
  const Usage prompt = gemini(R"({"promptTokenCount":5,"totalTokenCount":5})");
  CHECK(prompt.input == 5);
  CHECK_FALSE(prompt.output);
  CHECK_FALSE(prompt.cache_read);
}

TEST_CASE("no classes of Gemini's input sum to more than its total, whatever it says") {
  CHECK(rc::check([] {
    const auto number = [] { return *rc::gen::inRange(-10, 2'000); };
    const auto detail = [&](const char* modality) {
      return Json{{"modality", modality}, {"tokenCount", number()}};
    };
    const Json json = {{"promptTokenCount", number()},
                       {"toolUsePromptTokenCount", number()},
                       {"cachedContentTokenCount", number()},
                       {"promptTokensDetails", {detail("AUDIO"), detail("IMAGE")}},
                       {"cacheTokensDetails", {detail("AUDIO"), detail("IMAGE")}}};
    const auto stated = [&](const char* name) { return std::max(0, json[name].get<int>()); };
    RC_ASSERT(input_of(gemini(json.dump())) ==
              stated("promptTokenCount") + stated("toolUsePromptTokenCount"));
  }));
}

TEST_CASE("Converse counts its caches beside its input") {
  const std::string text =
      R"({"inputTokens":5,"outputTokens":2,"cacheReadInputTokens":10,"cacheWriteInputTokens":3})";
  const dialect::Dom dom(text);
  const Usage usage = dialect::bedrock_converse::read_usage(dom.root());
  CHECK(usage.input == 5);
  CHECK(usage.cache_read == 10);
  CHECK(usage.cache_write_5m == 3);
  CHECK(usage.output == 2);
}

TEST_CASE("image tokens of Chat and Responses are counted apart") {
  const Usage usage = dialect::read_usage_json(
      "openai-responses",
      R"({"input_tokens":100,"input_tokens_details":{"image_tokens":60,"text_tokens":40},)"
      R"("output_tokens":80,"output_tokens_details":{"image_tokens":70,"text_tokens":10}})");
  CHECK(usage.input == 40);
  CHECK(usage.input_image == 60);
  CHECK(usage.output == 10);
  CHECK(usage.output_image == 70);
}

TEST_CASE("Messages that state only the parts of what they wrote are billed for both parts") {
  const Usage usage = dialect::read_usage_json(
      "anthropic", R"({"input_tokens":1,"output_tokens":1,"cache_creation":)"
                   R"({"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":12}})");
  CHECK(usage.cache_write_5m == 30);
  CHECK(usage.cache_write_1h == 12);
}

}  // namespace
}  // namespace routerone
