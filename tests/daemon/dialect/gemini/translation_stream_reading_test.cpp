#include <doctest/doctest.h>

#include "tests/daemon/dialect/gemini/translation_support.h"

using namespace routerone;
using namespace routerone::gemini_test;

namespace {

std::string chunk(const std::string& parts, const std::string& more = "") {
  return R"(data: {"candidates":[{"content":{"role":"model","parts":[)" + parts + "]}" + more +
         R"(,"index":0}],"modelVersion":"gemini-3-x","responseId":"aB-1"})" + "\r\n\r\n";
}
const std::string stop = R"(,"finishReason":"STOP")";

/// Answers in few letters: `text(..) thinking(..) call(id name arguments signature)`.
std::string words_of(const chat::Answer& answer) {
  std::string out;
  for (const chat::Part& part : answer.parts) {
    if (!out.empty()) out += ' ';
    if (const auto* text = std::get_if<chat::Text>(&part)) {
      out += "text(" + text->text + ")";
    } else if (const auto* thought = std::get_if<chat::Thinking>(&part)) {
      out += "thinking(" + thought->text + ")";
      if (!thought->state.empty()) out += "=" + thought->origin + thought->state;
    } else if (const auto* call = std::get_if<chat::ToolCall>(&part)) {
      out += "call(" + call->id + " " + call->name + " " + call->arguments;
      out += (call->signature.empty() ? "" : " " + call->signature) + ")";
    }
  }
  return out;
}

std::string said(const std::string& stream) {
  const auto answer = collect(read_stream(stream));
  return answer ? words_of(*answer) : "failed";
}

chat::Finish finish_of(const std::string& stream) {
  const auto answer = collect(read_stream(stream));
  return answer ? answer->ending.finish : chat::Finish::unknown;
}

FailureClass failure_of(const std::string& stream) {
  const auto answer = collect(read_stream(stream));
  return answer ? FailureClass::none : answer.error();
}

std::string call(const std::string& inside) { return R"({"functionCall":{)" + inside + "}}"; }

}  // namespace

TEST_CASE("neighbours of a kind are one part, and parts keep their order") {
  CHECK(said(chunk(R"({"text":"a","thought":true},{"text":"b","thought":true})") +
             chunk(R"({"text":"c"})") +
             chunk(R"({"text":"d"},{"text":"e","thought":true})", stop)) ==
        "thinking(ab) text(cd) thinking(e)");
}

TEST_CASE("a call is whole when it comes, and no two calls have one id") {
  CHECK(
      said(chunk(call(R"("name":"f","args":{"z":1,"a":[2]})") + "," +
                     call(R"("name":"f","args":{"z":1,"a":[2]})") + "," +
                     call(R"("id":"own","name":"g")"),
                 stop)) ==
      R"(call(call_aB-1_0 f {"z":1,"a":[2]}) call(call_aB-1_1 f {"z":1,"a":[2]}) call(own g {}))");
}

TEST_CASE("an answer without an id has the same ids of calls whenever it is read") {
  const std::string one =
      R"(data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}}}]},"finishReason":"STOP"}]})"
      "\n\n";
  CHECK(said(one) == said(one));
  CHECK(said(one).starts_with("call(call_"));
}

TEST_CASE("a signature stays with its call; that of a text stands behind it, of a thought in it") {
  CHECK(said(chunk(R"({"functionCall":{"name":"f"},"thoughtSignature":"U2ln"})", stop)) ==
        "call(call_aB-1_0 f {} U2ln)");
  CHECK(said(chunk(R"({"text":"a"})") + chunk(R"({"text":"","thoughtSignature":"U2ln"})", stop)) ==
        R"(text(a) thinking()=gemini{"text":"","thoughtSignature":"U2ln"})");
  CHECK(said(chunk(R"({"text":"a","thought":true,"thoughtSignature":"U2ln"})", stop)) ==
        R"(thinking(a)=gemini{"text":"a","thought":true,"thoughtSignature":"U2ln"})");
}

TEST_CASE("arguments that come piece by piece are put together, and an end may be missing") {
  const std::string begin = call(R"("name":"f","willContinue":true)");
  const auto piece = [](const std::string& path, const std::string& value) {
    return call(R"("partialArgs":[{"jsonPath":")" + path + "\"," + value +
                R"(}],"willContinue":true)");
  };
  const std::string pieces = chunk(begin) + chunk(piece("$.city", R"("stringValue":"Pa")")) +
                             chunk(piece("$.city", R"("stringValue":"ris")")) +
                             chunk(piece("$.days[1]", R"("numberValue":2)")) +
                             chunk(piece("$['a.b'].c", R"("boolValue":true)"));
  const std::string whole = R"({"city":"Paris","days":[null,2],"a.b":{"c":true}})";
  CHECK(said(pieces + chunk("{\"functionCall\":{}}", stop)) == "call(call_aB-1_0 f " + whole + ")");
  CHECK(said(pieces + chunk(R"({"text":"then"})", stop)) ==
        "call(call_aB-1_0 f " + whole + ") text(then)");
  CHECK(failure_of(chunk(begin) + chunk(piece("city", R"("stringValue":"x")"))) ==
        FailureClass::bad_answer);
  CHECK(failure_of(chunk(begin) + chunk(piece("$.a[99999999]", R"("numberValue":1)"))) ==
        FailureClass::bad_answer);
}

TEST_CASE("numbers that come piece by piece are the numbers that were said") {
  const std::string numbers =
      R"({"jsonPath":"$.a","numberValue":18446744073709551615},)"
      R"({"jsonPath":"$.b","numberValue":0.1},{"jsonPath":"$.c","numberValue":2.0},)"
      R"({"jsonPath":"$.d","numberValue":-7})";
  CHECK(said(chunk(call(R"("name":"f","partialArgs":[)" + numbers + "]"), stop)) ==
        R"(call(call_aB-1_0 f {"a":18446744073709551615,"b":0.1,"c":2.0,"d":-7}))");
  CHECK(failure_of(
            chunk(call(R"("name":"f","partialArgs":[{"jsonPath":"$.a","numberValue":"7"}])"))) ==
        FailureClass::bad_answer);
}

TEST_CASE("arguments that come piece by piece are no more than is kept of any answer") {
  const std::string begin = chunk(call(R"("name":"f","willContinue":true)"));
  const auto piece = [](const std::string& path, const std::string& value) {
    return chunk(call(R"("partialArgs":[{"jsonPath":")" + path + "\"," + value +
                      R"(}],"willContinue":true)"));
  };
  const std::string text = piece("$.a", R"("stringValue":")" + std::string(1 << 20, 'x') + "\"");
  std::string long_text = begin, wide = begin;
  for (int i = 0; i < 33; ++i) long_text += text;
  CHECK(failure_of(long_text) == FailureClass::bad_answer);
  for (int i = 0; i < 300; ++i) {
    wide += piece("$.a[" + std::to_string(i) + "][9999]", R"("boolValue":true)");
  }
  CHECK(failure_of(wide) == FailureClass::bad_answer);
}

TEST_CASE("reasons are read as what they mean to a caller; calls decide before STOP") {
  const auto ended = [](const std::string& reason, const std::string& parts = R"({"text":"a"})") {
    return finish_of(chunk(parts, R"(,"finishReason":")" + reason + "\""));
  };
  CHECK(ended("STOP") == chat::Finish::stop);
  CHECK(ended("STOP", call(R"("name":"f")")) == chat::Finish::tool_calls);
  CHECK(ended("MAX_TOKENS", call(R"("name":"f")")) == chat::Finish::length);
  for (const char* filter : {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
                             "LANGUAGE", "IMAGE_SAFETY"}) {
    CHECK(ended(filter) == chat::Finish::content_filter);
  }
  for (const char* broken : {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER"}) {
    CHECK(failure_of(chunk("", std::string(R"(,"finishReason":")") + broken + "\"")) ==
          FailureClass::bad_answer);
  }
}

TEST_CASE("a prompt that was blocked is a refusal that says why, not an error") {
  const auto answer = collect(read_stream(
      R"(data: {"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5}})"
      "\n\n"));
  REQUIRE(answer.has_value());
  CHECK(answer->parts.empty());
  CHECK(answer->ending.finish == chat::Finish::refusal);
  CHECK(answer->ending.explanation == "PROHIBITED_CONTENT");
  CHECK(answer->ending.usage.input == 5);
}

TEST_CASE("words for why nothing is said are a refusal; behind the first word it is cut") {
  const auto filtered = [](const std::string& parts,
                           const std::string& why = R"(,"finishMessage":"No.")") {
    return collect(read_stream(chunk(parts, R"(,"finishReason":"SAFETY")" + why)));
  };
  const auto silent = filtered(R"({"text":"hm","thought":true})");
  REQUIRE(silent.has_value());
  CHECK(silent->ending.finish == chat::Finish::refusal);
  CHECK(silent->ending.explanation == "No.");
  CHECK(filtered(R"({"text":"Well"})")->ending.finish == chat::Finish::content_filter);
  CHECK(filtered("", "")->ending.finish == chat::Finish::content_filter);
  CHECK(filtered("", "")->ending.explanation == "SAFETY");
}

TEST_CASE("the last usage counts, whether it comes with the reason or behind it") {
  const auto with = [](const std::string& counts) {
    return R"(data: {"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":)" +
           counts + "}\n\n";
  };
  const std::string last =
      R"(data: {"usageMetadata":{"promptTokenCount":30,"cachedContentTokenCount":10,"candidatesTokenCount":4,"thoughtsTokenCount":6,"totalTokenCount":40}})"
      "\n\n";
  const auto answer =
      collect(read_stream(with(R"({"promptTokenCount":30,"candidatesTokenCount":1})") + last));
  REQUIRE(answer.has_value());
  const Usage& usage = answer->ending.usage;
  CHECK(usage.input == 20);
  CHECK(usage.cache_read == 10);
  CHECK(usage.output == 10);
  CHECK(usage.reasoning == 6);
}

TEST_CASE("only the first of several candidates is an answer") {
  CHECK(said(R"(data: {"candidates":[{"content":{"parts":[{"text":"b"}]},"index":1},)"
             R"({"content":{"parts":[{"text":"a"}]},"finishReason":"STOP","index":0}]})"
             "\n\n") == "text(a)");
}

TEST_CASE("nothing looks like success that is none") {
  const std::string error =
      R"(data: {"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}})";
  CHECK(failure_of(chunk(R"({"text":"a"})")) == FailureClass::cut);
  CHECK(failure_of("") == FailureClass::cut);
  CHECK(failure_of("data: {\"candidates\":[\n\n") == FailureClass::bad_answer);
  CHECK(failure_of("data: 7\n\n") == FailureClass::bad_answer);
  CHECK(failure_of(chunk(R"({"text":"a"})") + error + "\n\n") == FailureClass::rate_limited);
}

TEST_CASE("code that the provider ran is told as text, a picture as its place") {
  const std::string code = R"({"executableCode":{"language":"PYTHON","code":"print 1"}})";
  const std::string result = R"({"codeExecutionResult":{"output":"1\n"}})";
  const std::string picture = R"({"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}})";
  CHECK(said(chunk(code + "," + result + "," + picture, stop)) ==
        "text(\n```python\nprint 1\n```\n\n```\n1\n```\n[image omitted])");
}

TEST_CASE("sources of a text are told by characters, though they are given in bytes") {
  const auto answer = collect(read_stream(chunk(
      R"({"text":"Zürich is big."})",
      stop + R"(,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}}],)"
             R"("groundingSupports":[{"segment":{"startIndex":0,"endIndex":7},)"
             R"("groundingChunkIndices":[0]}]})")));
  REQUIRE(answer.has_value());
  const auto& text = std::get<chat::Text>(answer->parts.at(0));
  REQUIRE(text.citations.size() == 1);
  CHECK(text.citations[0].url == "https://a");
  CHECK(text.citations[0].from == 0);
  CHECK(text.citations[0].to == 6);
}
