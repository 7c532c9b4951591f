#include "daemon/dialect/other_form.h"

#include <doctest/doctest.h>

#include "common/json/json.h"
#include "daemon/dialect/collector.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/translating_scanner.h"
#include "scan_support.h"

using namespace routerone;
using dialect::StreamScanner;

namespace {

const std::string chat_body =
    R"({"id":"chatcmpl-up","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,
    "message":{"role":"assistant","content":"Hi","tool_calls":[{"id":"c1","type":"function",
    "function":{"name":"f","arguments":"{\"z\":1}"}}]},"finish_reason":"tool_calls"}],
    "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";
const std::string message_body =
    R"({"id":"msg_up","type":"message","role":"assistant","model":"m","content":[
    {"type":"thinking","thinking":"Hm","signature":"EqQB"},{"type":"text","text":"Hi"},
    {"type":"tool_use","id":"c1","name":"f","input":{"z":1}}],"stop_reason":"tool_use",
    "usage":{"input_tokens":10,"output_tokens":5}})";
const std::string response_body =
    R"({"id":"resp_up","object":"response","created_at":7,"status":"completed","model":"m","output":[
    {"type":"message","id":"msg_1","content":[{"type":"output_text","text":"Hi"}]},
    {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"z\":1}"}],
    "usage":{"input_tokens":10,"output_tokens":5}})";

struct Case {
  const char* dialect;
  const char* operation;
  const std::string& body;
};
const Case cases[] = {{"openai-chat", "chat", chat_body},
                      {"anthropic", "messages", message_body},
                      {"openai-responses", "responses", response_body}};

std::string said(const tl::expected<chat::Answer, FailureClass>& answer) {
  if (!answer) return "failed";
  std::string out;
  for (const chat::Part& part : answer->parts) {
    if (const auto* text = std::get_if<chat::Text>(&part)) out += text->text;
    if (const auto* thinking = std::get_if<chat::Thinking>(&part)) out += thinking->state;
    if (const auto* call = std::get_if<chat::ToolCall>(&part)) {
      out += "(" + call->id + " " + call->name + " " + call->arguments + ")";
    }
  }
  return out + " " + std::to_string(answer->ending.usage.output.value_or(0)) +
         (answer->ending.finish == chat::Finish::tool_calls ? " calls" : " other");
}

const dialect::Translation& translation(const char* id) {
  return *dialect::find(id)->translation();
}

}  // namespace

TEST_CASE("a whole answer where a stream was asked for is told as the stream it should have been") {
  for (const Case& each : cases) {
    CAPTURE(each.dialect);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const auto got = test::scan(each.dialect, each.operation, test::cut(each.body, seed));
      CHECK(got.content);
      CHECK(got.terminal);
      CHECK(got.finish_seen);
      CHECK(got.error == FailureClass::none);
      CHECK(got.reading.usage.output == 5);
      CHECK(got.reading.model == "m");
      const auto whole = dialect::as_whole(translation(each.dialect), got.forwarded);
      REQUIRE(whole);
      CHECK(said(translation(each.dialect).read_answer(*whole)) ==
            said(translation(each.dialect).read_answer(each.body)));
    }
  }
}

TEST_CASE("an answer in the other form keeps its id, its model and its time") {
  for (const Case& each : cases) {
    const auto stream = dialect::as_stream(translation(each.dialect), each.body);
    REQUIRE(stream);
    CHECK(stream->find(Json::parse(each.body)["id"].get<std::string>()) != std::string::npos);
    const Json whole = Json::parse(*dialect::as_whole(translation(each.dialect), *stream));
    CHECK(whole["id"] == Json::parse(each.body)["id"]);
    CHECK(whole["model"] == "m");
  }
  CHECK(dialect::as_stream(translation("openai-chat"), chat_body)->find("\"created\":7,") !=
        std::string::npos);
  CHECK(dialect::as_stream(translation("openai-responses"), response_body)
            ->find("\"created_at\":7,") != std::string::npos);
}

TEST_CASE("a caller of another dialect gets the stream of a provider that does not stream") {
  const dialect::Dialect& chat = *dialect::find("openai-chat");
  const chat::Request asked;
  const dialect::WrittenRequest written;
  dialect::TranslatingScanner scanner(
      chat.scan_stream(chat.operations().front(), false), chat.translation()->read_events(),
      translation("anthropic").write_events(asked, {"1", 1, "m"}), written, 100);
  const auto got = test::scan(scanner, {chat_body});
  CHECK(got.terminal);
  CHECK(got.last.starts_with("event: message_delta"));
  CHECK(got.forwarded.find("\"partial_json\":\"{\\\"z\\\":1}\"") != std::string::npos);
}

TEST_CASE("what is no answer is none in the other form either") {
  for (const Case& each : cases) {
    const auto count = dialect::as_stream(translation(each.dialect), R"({"input_tokens":5})");
    CHECK_FALSE(count);
    CHECK_FALSE(dialect::as_whole(translation(each.dialect), "data: {}\n\n"));
    CHECK_FALSE(dialect::as_whole(translation(each.dialect), ""));
  }
  CHECK(dialect::as_stream(translation("openai-responses"),
                           R"({"object":"response.input_tokens","input_tokens":5})")
            .error() == FailureClass::bad_answer);
}

TEST_CASE("a stream is told from a body by its first bytes") {
  CHECK(dialect::is_stream("data: {}\n\n"));
  CHECK(dialect::is_stream("\xEF\xBB\xBF: hello\n\nevent: x"));
  CHECK(dialect::is_stream("\nevent: message_start\n"));
  CHECK_FALSE(dialect::is_stream("{\"data\":1}"));
  CHECK_FALSE(dialect::is_stream("<html>data:</html>"));
  CHECK_FALSE(dialect::is_stream(""));
}
