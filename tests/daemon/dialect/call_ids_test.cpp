#include "daemon/dialect/call_ids.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>

#include "daemon/dialect/collector.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/sse_event.h"

using namespace routerone;
using dialect::CallIds;

namespace {

using Ids = std::vector<std::string>;

Ids ids_of(const tl::expected<chat::Answer, FailureClass>& answer) {
  Ids out;
  if (!answer) return {std::string(to_string(answer.error()))};
  for (const chat::Part& part : answer->parts) {
    if (const auto* call = std::get_if<chat::ToolCall>(&part)) out.push_back(call->id);
  }
  return out;
}

Ids whole(std::string_view id, std::string_view body) {
  return ids_of(dialect::find(id)->translation()->read_answer(body));
}

/// The ids as a call's beginning says them: its end has to say the same.
Ids streamed(std::string_view id, const std::vector<std::string>& events) {
  const auto reader = dialect::find(id)->translation()->read_events();
  std::vector<chat::Event> out;
  for (const std::string& each : events) reader->read("", each, out);
  if (!reader->done()) reader->end(out);
  dialect::Collector collector;
  Ids begun;
  for (const chat::Event& each : out) {
    const auto* part = std::get_if<chat::PartBegan>(&each);
    const auto* call = part ? std::get_if<chat::ToolCall>(&part->what) : nullptr;
    if (call) begun.push_back(call->id);
    collector.take(each);
  }
  const Ids ended = ids_of(std::move(collector).answer());
  return begun == ended ? begun : ended;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

const std::string messages_call = R"({"type":"tool_use","id":ID,"name":"f","input":{}})";
const std::string responses_call =
    R"({"type":"function_call","call_id":ID,"name":"f","arguments":"{}"})";
const std::string chat_call = R"({"id":ID,"function":{"name":"f","arguments":"{}"}})";
const std::string gemini_call = R"({"functionCall":{"id":ID,"name":"f","args":{}}})";

Ids whole_messages(const std::string& a, const std::string& b) {
  return whole("anthropic", R"({"type":"message","id":"msg_up","content":[)" +
                                replaced(messages_call, "ID", a) + "," +
                                replaced(messages_call, "ID", b) + "]}");
}
Ids whole_responses(const std::string& a, const std::string& b) {
  return whole("openai-responses", R"({"id":"resp_up","status":"completed","output":[)" +
                                       replaced(responses_call, "ID", a) + "," +
                                       replaced(responses_call, "ID", b) + "]}");
}
Ids whole_chat(const std::string& a, const std::string& b) {
  return whole(
      "openai-chat",
      R"({"id":"chatcmpl-up","choices":[{"finish_reason":"stop","message":{"tool_calls":[)" +
          replaced(chat_call, "ID", a) + "," + replaced(chat_call, "ID", b) + "]}}]}");
}
std::string gemini_answer(const std::string& a, const std::string& b) {
  return R"({"responseId":"up","candidates":[{"finishReason":"STOP","content":{"parts":[)" +
         replaced(gemini_call, "ID", a) + "," + replaced(gemini_call, "ID", b) + "]}}]}";
}
Ids whole_gemini(const std::string& a, const std::string& b) {
  return whole("gemini", gemini_answer(a, b));
}

Ids streamed_messages(const std::string& a, const std::string& b) {
  const auto begun = [](const std::string& id, std::string_view index) {
    return R"({"type":"content_block_start","index":)" + std::string(index) +
           R"(,"content_block":)" + replaced(messages_call, "ID", id) + "}";
  };
  return streamed("anthropic", {R"({"type":"message_start","message":{"id":"msg_up"}})",
                                begun(a, "0"), begun(b, "1"), R"({"type":"message_stop"})"});
}
Ids streamed_responses(const std::string& a, const std::string& b) {
  const auto item = [](std::string_view type, const std::string& id, std::string_view index) {
    return R"({"type":"response.output_item.)" + std::string(type) + R"(","output_index":)" +
           std::string(index) + R"(,"item":)" + replaced(responses_call, "ID", id) + "}";
  };
  return streamed(
      "openai-responses",
      {R"({"type":"response.created","response":{"id":"resp_up"}})", item("added", a, "0"),
       item("added", b, "1"), item("done", a, "0"), item("done", b, "1"),
       R"({"type":"response.completed","response":{"id":"resp_up","output":[]}})"});
}
Ids streamed_chat(const std::string& a, const std::string& b) {
  const auto chunk = [](const std::string& id, std::string_view index) {
    return R"({"id":"chatcmpl-up","choices":[{"index":0,"delta":{"tool_calls":[{"index":)" +
           std::string(index) + "," + replaced(chat_call, "ID", id).substr(1) + "]}}]}";
  };
  return streamed(
      "openai-chat",
      {chunk(a, "0"), chunk(b, "1"),
       R"({"id":"chatcmpl-up","choices":[{"delta":{},"finish_reason":"stop"}]})", "[DONE]"});
}
Ids streamed_gemini(const std::string& a, const std::string& b) {
  return streamed("gemini", {gemini_answer(a, b)});
}

}  // namespace

TEST_CASE("calls of one id get one each, in every dialect, whole or as a stream") {
  for (const auto read : {whole_messages, whole_responses, whole_chat, whole_gemini,
                          streamed_messages, streamed_responses, streamed_chat, streamed_gemini}) {
    CHECK(read(R"("x")", R"("x")") == Ids{"x", "x_2"});
    CHECK(read(R"("x")", R"("y")") == Ids{"x", "y"});
  }
}

TEST_CASE("calls without an id are named by answer and place, in every dialect, whole or not") {
  for (const auto read : {whole_messages, whole_responses, whole_chat, whole_gemini,
                          streamed_messages, streamed_responses, streamed_chat, streamed_gemini}) {
    CHECK(read("null", "\"\"") == Ids{"call_up_0", "call_up_1"});
  }
}

TEST_CASE("an id is the provider's as long as no call before has it") {
  CallIds ids;
  CHECK(ids.give("x_2", "up") == "x_2");
  CHECK(ids.give("x", "up") == "x");
  CHECK(ids.give("x", "up") == "x_3");
  CHECK(ids.give("", "up") == "call_up_3");
  const std::string longest(100, 'a');
  CHECK(ids.give(longest, "up") == longest);
  CHECK(ids.give(longest, "up") == longest + "_2");
}

TEST_CASE("no two calls of an answer have one id, whatever the provider says") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& said) {
    CallIds ids;
    std::set<std::string> given;
    const Ids few = {"", "x", "x_2", "x_2_2", "call_up_1"};
    for (const std::uint8_t each : said) {
      RC_ASSERT(given.insert(ids.give(few[each % few.size()], "up")).second);
    }
  }));
}
