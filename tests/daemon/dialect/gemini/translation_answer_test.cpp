#include <doctest/doctest.h>

#include "tests/daemon/dialect/gemini/legal_chunks.h"

using namespace routerone;
using namespace routerone::gemini_test;

namespace {

std::string answer_with(const std::string& parts, const std::string& reason = "STOP") {
  return R"({"candidates":[{"content":{"role":"model","parts":[)" + parts +
         R"(]},"finishReason":")" + reason + R"(","index":0}],"usageMetadata":)" +
         R"({"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7},)" +
         R"("modelVersion":"gemini-3-x","responseId":"aB-1"})";
}

Json written(const chat::Answer& answer, bool shows_thoughts = true) {
  chat::Request asked;
  asked.reasoning.visible = shows_thoughts;
  return json_of(translation().write_answer(answer, asked, facts));
}

}  // namespace

TEST_CASE("a whole answer is read as a stream of one object is") {
  const std::string body = answer_with(
      R"({"text":"hm","thought":true},{"text":"a"},{"functionCall":{"name":"f","args":{"x":1}},"thoughtSignature":"U2ln"})");
  const auto whole = translation().read_answer(body);
  const auto streamed = collect(read_stream("data: " + body + "\n\n"));
  REQUIRE(whole.has_value());
  REQUIRE(streamed.has_value());
  CHECK(written(*whole) == written(*streamed));
  CHECK(whole->id == "aB-1");
  CHECK(whole->model == "gemini-3-x");
  CHECK(whole->ending.finish == chat::Finish::tool_calls);
  CHECK(std::get<chat::ToolCall>(whole->parts.at(2)).signature == "U2ln");
}

TEST_CASE("an answer without a part is an empty answer, an error is none") {
  const auto empty = translation().read_answer(answer_with("", "MAX_TOKENS"));
  REQUIRE(empty.has_value());
  CHECK(empty->parts.empty());
  CHECK(empty->ending.finish == chat::Finish::length);
  for (const char* body : {"", "{}", "[]", "null", R"({"error":{"code":500,"message":"x"}})"}) {
    CAPTURE(body);
    CHECK_FALSE(translation().read_answer(body).has_value());
  }
}

TEST_CASE("an answer is written under the model's asked name, and as its readers want it") {
  chat::Answer answer;
  answer.id = "chatcmpl-up1";
  answer.model = "up";
  answer.parts = {text_part("a"), call_part("c1", "f", ""), call_part("c2", "g", "[1]")};
  answer.ending.usage.input = 3;
  answer.ending.usage.output = 4;
  const Json out = written(answer);
  CHECK(out["modelVersion"] == "r1/model");
  CHECK(out["responseId"] == "up1");
  CHECK(LegalChunks().check(Json::array({out}), true) == "");
  const Json& parts = out["candidates"][0]["content"]["parts"];
  CHECK(parts[1]["functionCall"]["args"] == Json::object());
  CHECK(parts[2]["functionCall"]["args"].is_object());
  CHECK(out["usageMetadata"]["totalTokenCount"] == 7);
}

TEST_CASE("thoughts are left out where they were not asked for, their state is not") {
  chat::Thinking thought;
  thought.text = "hm";
  thought.origin = "openai-responses";
  thought.state = R"({"type":"reasoning","summary":[],"encrypted_content":"gA"})";
  chat::Answer answer;
  answer.parts = {thought, text_part("a")};
  CHECK(written(answer)["candidates"][0]["content"]["parts"].size() == 3);
  const Json few = written(answer, false)["candidates"][0]["content"]["parts"];
  REQUIRE(few.size() == 2);
  CHECK(few[0]["text"] == "a");
  CHECK_FALSE(few[1].value("thoughtSignature", "").empty());
}

TEST_CASE("why there is no answer stands in a part, as long as none says anything") {
  chat::Answer answer;
  answer.ending.finish = chat::Finish::refusal;
  answer.ending.explanation = "I can't.";
  const Json silent = written(answer)["candidates"][0];
  CHECK(silent["content"]["parts"] == json_of(R"([{"text":"I can't."}])"));
  CHECK(silent["finishReason"] == "SAFETY");
  CHECK(objects_of(write_stream(dialect::events_of(answer))).back()["candidates"][0] == silent);
  answer.parts = {text_part("Well,")};
  CHECK(written(answer)["candidates"][0]["content"]["parts"].size() == 1);
}

TEST_CASE("sources are told by the bytes of the text that they stand for") {
  chat::Text text = text_part("Zürich is big.");
  text.citations.push_back({"https://a", "A", 0, 6, ""});
  chat::Answer answer;
  answer.parts = {text};
  const Json grounding = written(answer)["candidates"][0]["groundingMetadata"];
  CHECK(grounding["groundingChunks"][0]["web"]["uri"] == "https://a");
  const Json segment = grounding["groundingSupports"][0]["segment"];
  CHECK(segment["endIndex"] == 7);
  CHECK(segment["text"] == "Zürich");
}

TEST_CASE("a count is read and written as a count") {
  const auto counted = translation().read_answer(
      R"({"totalTokens":31,"promptTokensDetails":[{"modality":"TEXT","tokenCount":31}]})");
  REQUIRE(counted.has_value());
  CHECK(counted->ending.usage.input == 31);
  chat::Request asked;
  asked.count_only = true;
  CHECK(translation().write_answer(*counted, asked, facts) == R"({"totalTokens":31})");
}
