#include <doctest/doctest.h>

#include "translation_support.h"

using namespace routerone;
using namespace routerone::test::responses;

namespace {

const std::string created =
    R"({"type":"response.created","response":{"id":"resp_1","model":"gpt-6-x","status":"in_progress","output":[]}})";

std::string completed(std::string_view output = "[]", std::string_view status = "completed") {
  return R"({"type":"response.)" + std::string(status) +
         R"(","response":{"id":"resp_1","status":")" + std::string(status) +
         R"(","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":10,"output_tokens":2},"output":)" +
         std::string(output) + "}}";
}

std::string added(int place, std::string_view item) {
  return R"({"type":"response.output_item.added","output_index":)" + std::to_string(place) +
         ",\"item\":" + std::string(item) + "}";
}
std::string done(int place, std::string_view item) {
  return R"({"type":"response.output_item.done","output_index":)" + std::to_string(place) +
         ",\"item\":" + std::string(item) + "}";
}
std::string event(std::string_view type, int place, std::string_view members) {
  return R"({"type":"response.)" + std::string(type) + R"(","output_index":)" +
         std::to_string(place) + "," + std::string(members) + "}";
}

std::string words(const std::vector<std::string>& events) {
  const auto answer = collect(read_stream(stream_of(events)));
  return answer ? words_of(*answer) : std::string(to_string(answer.error()));
}

FailureClass failure(const std::vector<std::string>& events) {
  const auto read = read_stream(stream_of(events));
  const auto* failed = std::get_if<chat::Failed>(&read.back());
  return failed ? failed->failure : FailureClass::none;
}

std::string text_of_deltas(const std::vector<chat::Event>& events) {
  std::string out;
  for (const chat::Event& each : events) {
    const auto* delta = std::get_if<chat::Delta>(&each);
    if (delta) out += "[" + std::to_string(delta->part) + delta->text + "]";
  }
  return out;
}

}  // namespace

TEST_CASE("text comes piece by piece, and its sources with its end") {
  const std::string item =
      R"({"type":"message","content":[{"type":"output_text","text":"Hi there","annotations":[{"type":"url_citation","url":"u","title":"t"}]}]})";
  const auto events =
      read_stream(stream_of({created, added(0, R"({"type":"message","content":[]})"),
                             event("output_text.delta", 0, R"("content_index":0,"delta":"Hi ")"),
                             event("output_text.delta", 0, R"("content_index":0,"delta":"")"),
                             event("output_text.delta", 0, R"("content_index":0,"delta":"there")"),
                             event("output_text.done", 0, R"("content_index":0,"text":"Hi there")"),
                             done(0, item), completed("[" + item + "]"), created}));
  CHECK(text_of_deltas(events) == "[0Hi ][0there]");
  const auto answer = collect(events);
  REQUIRE(answer.has_value());
  CHECK(words_of(*answer) == "text(Hi there)");
  CHECK(std::get<chat::Text>(answer->parts[0]).citations.size() == 1);
  CHECK(answer->ending.finish == chat::Finish::stop);
  CHECK(answer->ending.usage.input == 10);
  CHECK(answer->id == "resp_1");
}

TEST_CASE("a text that is only told when it is done is one piece") {
  CHECK(words({created, event("output_text.done", 0, R"("content_index":0,"text":"all")"),
               completed()}) == "text(all)");
  CHECK(words({created,
               done(0, R"({"type":"message","content":[{"type":"output_text","text":"all"}]})"),
               completed()}) == "text(all)");
}

TEST_CASE("what was not streamed at all is taken from the end") {
  CHECK(
      words(
          {created,
           completed(
               R"([{"type":"reasoning","summary":[],"encrypted_content":"g"},{"type":"message","content":[{"type":"output_text","text":"a"}]},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"}])")}) ==
      "thinking() text(a) call(f {})");
  // A server that says only what is done, and not where.
  CHECK(
      words(
          {R"({"type":"response.output_item.done","item":{"type":"function_call","call_id":"1","name":"f","arguments":"{}"}})",
           R"({"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"a"}]}})",
           completed()}) == "call(f {}) text(a)");
}

TEST_CASE("items that the end leaves out do not make those behind them come twice") {
  const std::string said = R"({"type":"message","content":[{"type":"output_text","text":"a"}]})";
  CHECK(
      words({created, done(0, R"({"type":"web_search_call"})"), done(2, said),
             completed("[" + said +
                       R"(,{"type":"message","content":[{"type":"output_text","text":"b"}]}])")}) ==
      "text(a) text(b)");
}

TEST_CASE("thinking: summaries in paragraphs, and the state that its end tells") {
  const std::string item =
      R"({"type":"reasoning","id":"rs_2","summary":[{"text":"one"},{"text":"two"}],"encrypted_content":"final"})";
  const auto answer = collect(read_stream(stream_of(
      {created, added(0, R"({"type":"reasoning","summary":[],"encrypted_content":"partial"})"),
       event("reasoning_summary_text.delta", 0, R"("summary_index":0,"delta":"o")"),
       event("reasoning_summary_text.delta", 0, R"("summary_index":0,"delta":"ne")"),
       event("reasoning_summary_text.delta", 0, R"("summary_index":1,"delta":"two")"),
       done(0, item), completed("[" + item + "]")})));
  REQUIRE(answer->parts.size() == 1);
  const auto& thinking = std::get<chat::Thinking>(answer->parts[0]);
  CHECK(thinking.text == "one\n\ntwo");
  CHECK(thinking.state == R"({"type":"reasoning","summary":[],"encrypted_content":"final"})");
}

TEST_CASE("raw thinking is thinking; of a summary and raw thinking the first is told") {
  CHECK(words({created, event("reasoning_text.delta", 0, R"("content_index":0,"delta":"raw")"),
               done(0, R"({"type":"reasoning","summary":[],"content":[{"text":"raw"}]})"),
               completed()}) == "thinking(raw)");
  CHECK(words({created, event("reasoning_text.delta", 0, R"("content_index":0,"delta":"raw")"),
               event("reasoning_summary_text.delta", 0, R"("summary_index":0,"delta":"short")"),
               done(0, R"({"type":"reasoning","summary":[{"text":"short"}]})"), completed()}) ==
        "thinking(raw)");
}

TEST_CASE("reasoning with nothing in it is no part") {
  CHECK(words({created, added(0, R"({"type":"reasoning","summary":[]})"),
               done(0, R"({"type":"reasoning","summary":[]})"), completed()})
            .empty());
}

TEST_CASE("calls: pieces, interleaved, without pieces, without arguments") {
  const std::string first = R"({"type":"function_call","call_id":"1","name":"f","arguments":""})";
  const std::string second = R"({"type":"function_call","call_id":"2","name":"g","arguments":""})";
  const auto events = read_stream(stream_of(
      {created, added(0, first), added(1, second),
       event("function_call_arguments.delta", 0, R"("delta":"{\"a\"")"),
       event("function_call_arguments.delta", 1, R"("delta":"{\"b\"")"),
       event("function_call_arguments.delta", 0, R"("delta":":1}")"),
       event("function_call_arguments.done", 1, R"("arguments":"{\"b\":2}")"),
       done(1, R"({"type":"function_call","call_id":"2","name":"g","arguments":"{\"b\":2}"})"),
       done(0, R"({"type":"function_call","call_id":"1","name":"f","arguments":"{\"a\":1}"})"),
       completed()}));
  CHECK(text_of_deltas(events) == R"([0{"a"][1{"b"][0:1}][1:2}])");
  const auto answer = collect(events);
  CHECK(words_of(*answer) == R"(call(f {"a":1}) call(g {"b":2}))");
  CHECK(answer->ending.finish == chat::Finish::tool_calls);
  CHECK(words({created, added(0, first),
               done(0, R"({"type":"function_call","call_id":"1","name":"f","arguments":"{}"})"),
               completed()}) == "call(f {})");
  CHECK(words({created, added(0, first), done(0, first), completed()}) == "call(f )");
}

TEST_CASE("an item whose end is of another kind than its pieces is a bad answer") {
  const std::string call = R"({"type":"function_call","call_id":"1","name":"f","arguments":"{}"})";
  const std::string text = R"("content_index":0,"delta":"a")";
  CHECK(failure({created, event("output_text.delta", 0, text), done(0, call), completed()}) ==
        FailureClass::bad_answer);
  CHECK(failure({created, added(0, call),
                 done(0, R"({"type":"reasoning","encrypted_content":"x"})"), completed()}) ==
        FailureClass::bad_answer);
}

TEST_CASE("a part whose end is of another kind than its pieces is a bad answer") {
  CHECK(failure({created,
                 event("reasoning_summary_text.delta", 0, R"("summary_index":0,"delta":"a")"),
                 event("content_part.done", 0,
                       R"("content_index":0,"part":{"type":"output_text","text":"b"})"),
                 completed()}) == FailureClass::bad_answer);
  const auto answer = collect(read_stream(stream_of(
      {created, added(0, R"({"type":"function_call","call_id":"1","name":"f","arguments":""})"),
       done(0, R"({"type":"custom_tool_call","call_id":"2","name":"f","input":"{}"})"),
       completed()})));
  REQUIRE(answer);
  CHECK(std::get<chat::ToolCall>(answer->parts[0]).id == "1");
  CHECK_FALSE(std::get<chat::ToolCall>(answer->parts[0]).freeform);
}

TEST_CASE("nothing is told behind a failure in the middle of the whole response") {
  const auto events = read_stream(stream_of(
      {created,
       completed(R"([{"type":"function_call","call_id":"1","arguments":"{}"},)"
                 R"({"type":"message","content":[{"type":"output_text","text":"a"}]}])")}));
  REQUIRE(events.size() == 2);
  CHECK(std::get<chat::Failed>(events[1]).failure == FailureClass::bad_answer);
}

TEST_CASE("a freeform call is its bare text") {
  const std::string item =
      R"({"type":"custom_tool_call","call_id":"1","name":"exec","namespace":"functions","input":"a\nb"})";
  CHECK(words({created,
               added(0, R"({"type":"custom_tool_call","call_id":"1","name":"exec","input":""})"),
               event("custom_tool_call_input.delta", 0, R"("delta":"a\n")"),
               event("custom_tool_call_input.done", 0, R"("input":"a\nb")"), done(0, item),
               completed()}) == "freeform(exec a\nb)");
}

TEST_CASE("a refusal is told apart and ends the answer as one") {
  const auto answer = collect(read_stream(stream_of(
      {created, event("refusal.delta", 0, R"("content_index":0,"delta":"I ")"),
       event("refusal.done", 0, R"("content_index":0,"refusal":"I won't")"), completed()})));
  CHECK(words_of(*answer) == "refusal(I won't)");
  CHECK(answer->ending.finish == chat::Finish::refusal);
}

TEST_CASE("parts of one message are parts; a part told twice is one") {
  const std::string item =
      R"({"type":"message","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"b"}]})";
  CHECK(words({created, event("output_text.delta", 0, R"("content_index":0,"delta":"a")"),
               event("content_part.done", 0,
                     R"("content_index":0,"part":{"type":"output_text","text":"a"})"),
               done(0, item), completed("[" + item + "]")}) == "text(a) refusal(b)");
}

TEST_CASE("items of the provider's own tools are passed over") {
  CHECK(words({created, added(0, R"({"type":"web_search_call"})"),
               R"({"type":"response.web_search_call.searching","output_index":0})",
               R"({"type":"response.something_new","output_index":0})",
               R"({"type":"keepalive","sequence_number":9})",
               done(0, R"({"type":"web_search_call","status":"completed"})"),
               event("output_text.delta", 1, R"("content_index":0,"delta":"found")"),
               completed()}) == "text(found)");
}

TEST_CASE("ids that change within a stream do not matter") {
  CHECK(
      words(
          {created,
           R"({"type":"response.output_item.added","output_index":0,"item":{"id":"x1","type":"message"}})",
           R"({"type":"response.output_text.delta","item_id":"x2","output_index":0,"content_index":0,"delta":"a"})",
           R"({"type":"response.output_text.delta","item_id":"x3","output_index":0,"content_index":0,"delta":"b"})",
           R"({"type":"response.output_item.done","output_index":0,"item":{"id":"x4","type":"message","content":[{"type":"output_text","text":"ab"}]}})",
           completed()}) == "text(ab)");
}

TEST_CASE("an answer that was cut says so, and an unfinished call stays unfinished") {
  const auto answer = collect(read_stream(stream_of(
      {created, added(0, R"({"type":"function_call","call_id":"1","name":"f","arguments":""})"),
       event("function_call_arguments.delta", 0, R"("delta":"{\"a")"),
       completed("[]", "incomplete")})));
  CHECK(words_of(*answer) == R"(call(f {"a))");
  CHECK(answer->ending.finish == chat::Finish::length);
}

TEST_CASE("a stream that fails never ends") {
  const std::string text = event("output_text.delta", 0, R"("content_index":0,"delta":"a")");
  CHECK(failure({created, text}) == FailureClass::cut);
  CHECK(failure({}) == FailureClass::cut);
  CHECK(failure({created, "{", completed()}) == FailureClass::bad_answer);
  CHECK(failure({created, text, created}) == FailureClass::bad_answer);
  CHECK(failure({created, R"({"type":"response.completed"})"}) == FailureClass::bad_answer);
  CHECK(failure({created, done(0, R"({"type":"function_call","arguments":"{}"})")}) ==
        FailureClass::bad_answer);
  CHECK(
      failure(
          {created,
           R"({"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"x"}}})"}) ==
      FailureClass::rate_limited);
  CHECK(failure({created, R"({"type":"error","code":"server_error","message":"x"})"}) ==
        FailureClass::server_error);
  CHECK(
      failure(
          {created,
           R"({"type":"error","error":{"type":"rate_limit_error","code":"rate_limit_exceeded","message":"x"}})"}) ==
      FailureClass::rate_limited);
  CHECK(failure({R"({"error":{"type":"server_error","message":"x"}})"}) ==
        FailureClass::server_error);
}

TEST_CASE("how long to wait is read from the words of the failure") {
  const auto events = read_stream(stream_of(
      {R"({"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded","message":"Please try again in 7s."}}})"}));
  CHECK(std::get<chat::Failed>(events.back()).retry_after == std::chrono::seconds(7));
}

TEST_CASE("after the end nothing counts") {
  const auto events = read_stream(stream_of(
      {created, completed(), event("output_text.delta", 0, R"("delta":"late")"), "{", "[DONE]"}));
  CHECK(std::holds_alternative<chat::Ended>(events.back()));
}

TEST_CASE("places beyond reason cost no memory") {
  CHECK(
      words(
          {created,
           R"({"type":"response.output_text.delta","output_index":9007199254740000,"delta":"a"})",
           R"({"type":"response.output_item.done","output_index":9007199254740000,"item":{"type":"message","content":[]}})",
           completed()}) == "text(a)");
}
