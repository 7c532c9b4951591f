#include <doctest/doctest.h>

#include "tests/daemon/dialect/openai_chat/translation_support.h"

namespace routerone {
namespace {

using chat::Event;
using chat::Finish;
using chat::Text;
using chat::Thinking;
using chat::ToolCall;
using test::collected;
using test::delta_chunk;
using test::part;
using test::read_chunks;

/// Events in short: `began 0 text`, `0 +Hi`, `ended 0`, `done stop`, `failed`.
std::vector<std::string> short_of(const std::vector<Event>& events) {
  std::vector<std::string> out;
  for (const Event& event : events) {
    if (const auto* began = std::get_if<chat::PartBegan>(&event)) {
      static constexpr const char* kinds[] = {"text", "media", "thinking", "call", "result"};
      out.push_back("began " + std::to_string(began->part) + " " + kinds[began->what.index()]);
    } else if (const auto* delta = std::get_if<chat::Delta>(&event)) {
      out.push_back(std::to_string(delta->part) + " +" + delta->text);
    } else if (const auto* ended = std::get_if<chat::PartEnded>(&event)) {
      out.push_back("ended " + std::to_string(ended->part));
    } else if (std::holds_alternative<chat::Ended>(event)) {
      out.emplace_back("done");
    } else if (std::holds_alternative<chat::Failed>(event)) {
      out.emplace_back("failed");
    } else {
      out.emplace_back("began");
    }
  }
  return out;
}
using Short = std::vector<std::string>;

const std::string stop = delta_chunk("{}", "\"stop\"");
const std::string calls = delta_chunk("{}", "\"tool_calls\"");

FailureClass failure_of(const std::vector<std::string>& lines) {
  const auto answer = collected(read_chunks(lines));
  return answer ? FailureClass::none : answer.error();
}

TEST_CASE("reasoning, text and calls become parts one after another") {
  const auto events = read_chunks(
      {delta_chunk(R"({"role":"assistant","content":null,"reasoning_content":""})"),
       delta_chunk(R"({"reasoning_content":"hm"})"), delta_chunk(R"({"content":"Hi"})"),
       delta_chunk(R"({"content":"!"})"),
       delta_chunk(
           R"({"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":""}}]})"),
       delta_chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})"), calls,
       "[DONE]"});
  CHECK(short_of(events) == Short{"began", "began 0 thinking", "0 +hm", "ended 0", "began 1 text",
                                  "1 +Hi", "1 +!", "ended 1", "began 2 call", "2 +{}", "ended 2",
                                  "done"});
  const auto answer = collected(events);
  REQUIRE(answer);
  CHECK(answer->ending.finish == Finish::tool_calls);
  CHECK(part<Thinking>(answer->parts, 0).state == R"({"reasoning_content":"hm"})");
  CHECK(part<ToolCall>(answer->parts, 2).id == "c1");
}

TEST_CASE("calls whose fragments come in turns stay apart and open until they are whole") {
  const auto events = read_chunks(
      {delta_chunk(
           R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}},
                             {"index":1,"id":"b","function":{"name":"g","arguments":""}}]})"),
       delta_chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}},
                                     {"index":0,"function":{"arguments":":1}"}}]})"),
       calls, "[DONE]"});
  const auto answer = collected(events);
  REQUIRE(answer);
  CHECK(part<ToolCall>(answer->parts, 0).arguments == R"({"x":1})");
  CHECK(part<ToolCall>(answer->parts, 1).arguments == "{}");
}

TEST_CASE("a call whose arguments are whole is ended when the next one begins") {
  const auto events = short_of(read_chunks(
      {delta_chunk(
           R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})"),
       delta_chunk(
           R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]})"),
       calls, "[DONE]"}));
  CHECK(events == Short{"began", "began 0 call", "0 +{}", "ended 0", "began 1 call", "1 +{}",
                        "ended 1", "done"});
}

TEST_CASE("calls without an index, with a shared one or without an id are told apart") {
  const auto names = [](const std::vector<std::string>& lines) {
    const auto answer = collected(read_chunks(lines));
    std::vector<std::string> out;
    if (!answer) return out;
    for (const chat::Part& each : answer->parts) {
      const auto& call = std::get<ToolCall>(each);
      out.push_back(call.id + " " + call.name + " " + call.arguments);
    }
    return out;
  };
  const auto one = [](std::string_view members) {
    return delta_chunk(R"({"tool_calls":[{)" + std::string(members) + "}]}");
  };
  CHECK(names({one(R"("id":"a","function":{"name":"f","arguments":"{}"})"),
               one(R"("id":"b","function":{"name":"f","arguments":"{}"})"), calls}) ==
        Short{"a f {}", "b f {}"});
  CHECK(names({one(R"("index":0,"id":"a","function":{"name":"f","arguments":"{}"})"),
               one(R"("index":0,"id":"b","function":{"name":"g","arguments":"{}"})"), calls}) ==
        Short{"a f {}", "b g {}"});
  CHECK(names({one(R"("index":0,"function":{"name":"f","arguments":"{}"})"),
               one(R"("index":0,"function":{"name":"g","arguments":"{}"})"), calls}) ==
        Short{"call_up1_0 f {}", "call_up1_1 g {}"});
  CHECK(names({one(R"("index":0,"id":"a","function":{"name":"f","arguments":"{}"})"),
               one(R"("index":1,"id":"a","function":{"name":"g","arguments":"{}"})"), calls}) ==
        Short{"a f {}", "a_2 g {}"});
}

TEST_CASE("arguments that come before their call's name wait for it") {
  const auto events = short_of(
      read_chunks({delta_chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{"}}]})"),
                   delta_chunk(R"({"tool_calls":[{"index":0,"id":"a",
                                   "function":{"name":"f","arguments":"}"}}]})"),
                   calls}));
  CHECK(events == Short{"began", "began 0 call", "0 +{}", "ended 0", "done"});
}

TEST_CASE("arguments that never get a name are a bad answer, not silence") {
  CHECK(failure_of({delta_chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})"),
                    calls, "[DONE]"}) == FailureClass::bad_answer);
}

TEST_CASE("a call with no arguments at all has an empty object") {
  const auto answer = collected(read_chunks(
      {delta_chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]})"), calls}));
  REQUIRE(answer);
  CHECK(part<ToolCall>(answer->parts, 0).arguments == "{}");
}

TEST_CASE("a finish reason is only remembered: usage and more may follow it") {
  const auto answer = collected(read_chunks(
      {delta_chunk(R"({"content":""})", "\"stop\""), delta_chunk(R"({"content":"Hi"})"),
       R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})", "[DONE]"}));
  REQUIRE(answer);
  CHECK(part<Text>(answer->parts, 0).text == "Hi");
  CHECK(answer->ending.usage.input == 3);
}

TEST_CASE("the last usage that says something counts, running ones are never added up") {
  const auto with_usage = [](const char* usage) {
    return R"({"choices":[{"index":0,"delta":{"content":"x"}}],"usage":)" + std::string(usage) +
           "}";
  };
  const auto answer =
      collected(read_chunks({with_usage(R"({"prompt_tokens":3,"completion_tokens":1})"),
                             with_usage(R"({"prompt_tokens":3,"completion_tokens":2})"),
                             with_usage("null"), stop, "[DONE]"}));
  REQUIRE(answer);
  CHECK(answer->ending.usage.output == 2);
}

TEST_CASE("a stream that ends without a finish reason is cut, whatever it ends with") {
  CHECK(failure_of({delta_chunk(R"({"content":"Hi"})")}) == FailureClass::cut);
  CHECK(failure_of({delta_chunk(R"({"content":"Hi"})"), "[DONE]"}) == FailureClass::cut);
  CHECK(failure_of({}) == FailureClass::cut);
  CHECK(failure_of({"[DONE]"}) == FailureClass::cut);
  CHECK(failure_of({delta_chunk(R"({"content":"Hi"})"), stop}) == FailureClass::none);
}

TEST_CASE("an error in the stream is its end, as what it says") {
  CHECK(failure_of({delta_chunk(R"({"content":"Hi"})"),
                    R"({"error":{"message":"overloaded","type":"overloaded_error"}})", stop}) ==
        FailureClass::overloaded);
  CHECK(failure_of({"{not JSON"}) == FailureClass::bad_answer);
  CHECK(failure_of({delta_chunk(R"({"content":"Hi"})", "\"error\""), "[DONE]"}) ==
        FailureClass::server_error);
}

TEST_CASE("nothing counts after the end") {
  const auto events = read_chunks(
      {delta_chunk(R"({"content":"Hi"})"), stop, "[DONE]", delta_chunk(R"({"content":"more"})")});
  CHECK(short_of(events).back() == "done");
}

TEST_CASE("chunks that bring nothing begin nothing") {
  const auto events = short_of(read_chunks(
      {R"({"choices":[],"prompt_filter_results":[]})", delta_chunk(R"({"role":"assistant"})"),
       delta_chunk(R"({"content":"","tool_calls":null})"), delta_chunk("{}"), stop, "[DONE]"}));
  CHECK(events == Short{"began", "done"});
}

TEST_CASE("only the first choice is the answer") {
  const auto answer = collected(
      read_chunks({R"({"choices":[{"index":1,"delta":{"content":"no"},"finish_reason":"stop"},
                      {"index":0,"delta":{"content":"yes"},"finish_reason":"stop"}]})"}));
  REQUIRE(answer);
  CHECK(part<Text>(answer->parts, 0).text == "yes");
  CHECK(answer->parts.size() == 1);
}

TEST_CASE("text after a call is a part of its own, behind it") {
  const auto answer = collected(read_chunks(
      {delta_chunk(R"({"content":"a"})"),
       delta_chunk(
           R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})"),
       delta_chunk(R"({"content":"b"})"), calls}));
  REQUIRE(answer);
  REQUIRE(answer->parts.size() == 3);
  CHECK(part<Text>(answer->parts, 2).text == "b");
}

TEST_CASE("a refusal is a part of its own kind") {
  const auto answer = collected(
      read_chunks({delta_chunk(R"({"refusal":"No"})"), delta_chunk(R"({"refusal":"."})"), stop}));
  REQUIRE(answer);
  CHECK(part<Text>(answer->parts, 0).text == "No.");
  CHECK(part<Text>(answer->parts, 0).refusal);
  CHECK(answer->ending.finish == Finish::refusal);
}

TEST_CASE("pieces of reasoning details are put together for the way back") {
  const auto answer = collected(read_chunks(
      {delta_chunk(R"({"reasoning":"a","reasoning_details":[
                        {"type":"reasoning.text","text":"a","format":"x-v1","index":0}]})"),
       delta_chunk(R"({"reasoning":"b","reasoning_details":[
                        {"type":"reasoning.text","text":"b","format":"x-v1","index":0}]})"),
       delta_chunk(
           R"({"reasoning_details":[{"type":"reasoning.encrypted","data":"zz","index":1}]})"),
       delta_chunk(R"({"content":"c"})"), stop}));
  REQUIRE(answer);
  CHECK(part<Thinking>(answer->parts, 0).text == "ab");
  CHECK(
      part<Thinking>(answer->parts, 0).state ==
      R"({"reasoning":"ab","reasoning_details":[{"type":"reasoning.text","text":"ab","format":"x-v1","index":0},{"type":"reasoning.encrypted","data":"zz","index":1}]})");
}

}  // namespace
}  // namespace routerone
