#include <doctest/doctest.h>

#include "translation_support.h"

using namespace routerone;
using namespace routerone::messages_test;

namespace {

std::string event(std::string_view json) { return "event: x\ndata: " + std::string(json) + "\n\n"; }

const std::string start = event(
    R"({"type":"message_start","message":{"id":"msg_1","model":"claude-x","content":[],"usage":{"input_tokens":120,"cache_read_input_tokens":1000,"output_tokens":2}}})");
const std::string finish = event(
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":60}})");
const std::string stop = event(R"({"type":"message_stop"})");

std::string begun(int index, std::string_view block) {
  return event(R"({"type":"content_block_start","index":)" + std::to_string(index) +
               R"(,"content_block":)" + std::string(block) + "}");
}
std::string delta(int index, std::string_view inside) {
  return event(R"({"type":"content_block_delta","index":)" + std::to_string(index) +
               R"(,"delta":)" + std::string(inside) + "}");
}
std::string ended(int index) {
  return event(R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}");
}

template <class Kind>
std::vector<Kind> all(const std::vector<chat::Event>& events) {
  std::vector<Kind> out;
  for (const chat::Event& each : events) {
    if (const auto* found = std::get_if<Kind>(&each)) out.push_back(*found);
  }
  return out;
}

FailureClass failure(std::string_view stream) {
  const auto failed = all<chat::Failed>(read_stream(stream));
  return failed.empty() ? FailureClass::none : failed.front().failure;
}

}  // namespace

TEST_CASE("a stream becomes parts with their deltas, in order") {
  const auto events =
      read_stream(start + begun(0, R"({"type":"thinking","thinking":"","signature":""})") +
                  delta(0, R"({"type":"thinking_delta","thinking":"hm"})") +
                  delta(0, R"({"type":"signature_delta","signature":"EqQB"})") + ended(0) +
                  begun(1, R"({"type":"text","text":""})") + event(R"({"type":"ping"})") +
                  delta(1, R"({"type":"text_delta","text":"a"})") +
                  delta(1, R"({"type":"text_delta","text":"b"})") + ended(1) +
                  begun(2, R"({"type":"tool_use","id":"toolu_1","name":"f","input":{}})") +
                  delta(2, R"({"type":"input_json_delta","partial_json":""})") +
                  delta(2, R"({"type":"input_json_delta","partial_json":"{\"z\":1,"})") +
                  delta(2, R"({"type":"input_json_delta","partial_json":"\"a\":2}"})") + ended(2) +
                  finish + stop);
  const auto answer = collect(events);
  REQUIRE(answer.has_value());
  REQUIRE(answer->parts.size() == 3);
  const auto& thinking = std::get<chat::Thinking>(answer->parts[0]);
  CHECK(thinking.text == "hm");
  CHECK(json_of(thinking.state) ==
        json_of(R"({"type":"thinking","thinking":"hm","signature":"EqQB"})"));
  CHECK(std::get<chat::Text>(answer->parts[1]).text == "ab");
  CHECK(std::get<chat::ToolCall>(answer->parts[2]).arguments == R"({"z":1,"a":2})");
  CHECK(std::get<chat::ToolCall>(all<chat::PartBegan>(events)[2].what).arguments.empty());
  CHECK(std::get<chat::Thinking>(all<chat::PartBegan>(events)[0].what).origin == "anthropic");
  CHECK(answer->ending.finish == chat::Finish::tool_calls);
}

TEST_CASE("numbers that come again replace those before them, and the others stay") {
  const auto events = read_stream(start + finish + stop);
  CHECK(all<chat::Began>(events).at(0).usage.input == 120);
  const auto usage = all<chat::Ended>(events).at(0).ending.usage;
  CHECK(usage.input == 120);
  CHECK(usage.cache_read == 1000);
  CHECK(usage.output == 60);
}

TEST_CASE("a call without a word has the arguments {}, in its deltas, too") {
  const auto events = read_stream(
      start + begun(0, R"({"type":"tool_use","id":"t","name":"f","input":{}})") +
      delta(0, R"({"type":"input_json_delta","partial_json":""})") + ended(0) + finish + stop);
  CHECK(all<chat::Delta>(events).at(0).text == "{}");
}

TEST_CASE("arguments that come with the start count if nothing else comes") {
  const std::string begins = begun(0, R"({"type":"tool_use","id":"t","name":"f","input":{"a":1}})");
  const auto alone = collect(read_stream(start + begins + ended(0) + finish + stop));
  CHECK(std::get<chat::ToolCall>(alone->parts[0]).arguments == R"({"a":1})");
  const auto again = collect(read_stream(
      start + begins + delta(0, R"({"type":"input_json_delta","partial_json":"{\"b\":2}"})") +
      ended(0) + finish + stop));
  CHECK(std::get<chat::ToolCall>(again->parts[0]).arguments == R"({"b":2})");
}

TEST_CASE("blocks of the provider's own tools are passed over, with all that is in them") {
  const auto answer = collect(read_stream(
      start + begun(0, R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})") +
      delta(0, R"({"type":"input_json_delta","partial_json":"{}"})") + ended(0) +
      begun(1, R"({"type":"web_search_tool_result","content":[]})") + ended(1) +
      begun(2, R"({"type":"text","text":"found"})") + ended(2) + finish + stop));
  REQUIRE(answer.has_value());
  REQUIRE(answer->parts.size() == 1);
  CHECK(std::get<chat::Text>(answer->parts[0]).text == "found");
}

TEST_CASE("sources come with the end of the text that names them") {
  const auto answer = collect(read_stream(
      start + begun(0, R"({"type":"text","text":""})") +
      delta(0, R"({"type":"text_delta","text":"abc"})") +
      delta(
          0,
          R"({"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.example","title":"A","cited_text":"q"}})") +
      ended(0) + finish + stop));
  const auto& text = std::get<chat::Text>(answer->parts[0]);
  REQUIRE(text.citations.size() == 1);
  CHECK(text.citations[0].quoted == "q");
  CHECK(text.citations[0].to == 3);
}

TEST_CASE("a stream that ends before its end was cut, unless it said why it stopped") {
  const std::string some = start + begun(0, R"({"type":"text","text":""})") +
                           delta(0, R"({"type":"text_delta","text":"a"})");
  CHECK(failure(some) == FailureClass::cut);
  CHECK(failure("") == FailureClass::cut);
  const auto unmarked = collect(read_stream(some + finish));
  REQUIRE(unmarked.has_value());
  CHECK(std::get<chat::Text>(unmarked->parts[0]).text == "a");
}

TEST_CASE("an error in the stream ends it as what it is") {
  CHECK(
      failure(
          start +
          event(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})") +
          finish + stop) == FailureClass::overloaded);
  CHECK(failure(event(R"({"type":"error","error":{"type":"odd","message":"x"}})")) ==
        FailureClass::server_error);
}

TEST_CASE("what cannot be right is an error and nothing passes it") {
  CHECK(failure(start + start) == FailureClass::bad_answer);
  CHECK(failure(start + "event: x\ndata: {\"type\":\n\n") == FailureClass::bad_answer);
  CHECK(failure(start + begun(0, R"({"type":"tool_use","id":"t","name":"f","input":{}})") +
                delta(0, R"({"type":"text_delta","text":"a"})")) == FailureClass::bad_answer);
}

TEST_CASE("after the end nothing counts") {
  const auto events = read_stream(start + finish + stop + start + "data: [DONE]\n\n");
  CHECK(all<chat::Failed>(events).empty());
  CHECK(all<chat::Ended>(events).size() == 1);
}

TEST_CASE("an event's line may be missing, and so may the start of a text") {
  const auto answer =
      collect(read_stream(start + delta(0, R"({"type":"text_delta","text":"a"})") + finish + stop));
  REQUIRE(answer.has_value());
  CHECK(std::get<chat::Text>(answer->parts[0]).text == "a");
  const auto reader = messages_translation().read_events();
  std::vector<chat::Event> out;
  reader->read("", R"({"type":"message_stop"})", out);
  CHECK(reader->done());
}

TEST_CASE("a refusal is told with its explanation") {
  const auto events = read_stream(
      start +
      event(
          R"({"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":null,"explanation":"no"}},"usage":{}})") +
      stop);
  const auto ending = all<chat::Ended>(events).at(0).ending;
  CHECK(ending.finish == chat::Finish::refusal);
  CHECK(ending.explanation == "no");
}
