#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/daemon/dialect/openai_chat/translation_support.h"

namespace routerone {
namespace {

using chat::Event;
using chat::Finish;
using chat::Part;
using chat::Text;
using chat::Thinking;
using chat::ToolCall;
using test::collected;
using test::data_lines;
using test::read_chunks;
using test::write_stream;

/// The deltas of a written stream, `finish REASON`, `usage` and `[DONE]`.
std::vector<std::string> deltas(const std::string& stream) {
  std::vector<std::string> out;
  for (const std::string& line : data_lines(stream)) {
    if (line == "[DONE]") {
      out.push_back(line);
      continue;
    }
    const Json chunk = test::parsed(line);
    if (chunk.contains("error")) {
      out.emplace_back("error");
    } else if (chunk["choices"].empty()) {
      out.emplace_back("usage");
    } else if (!chunk["choices"][0]["finish_reason"].is_null()) {
      out.push_back("finish " + chunk["choices"][0]["finish_reason"].get<std::string>());
    } else {
      out.push_back(chunk["choices"][0]["delta"].dump());
    }
  }
  return out;
}
using Deltas = std::vector<std::string>;
const std::string role = R"({"role":"assistant","content":"","refusal":null})";

ToolCall call(std::string id, std::string arguments) {
  ToolCall out;
  out.id = std::move(id);
  out.name = "f";
  out.arguments = std::move(arguments);
  return out;
}

chat::Answer answer_of(std::vector<Part> parts, Finish finish) {
  chat::Answer out;
  out.id = "msg_up";
  out.parts = std::move(parts);
  out.ending.finish = finish;
  out.ending.usage.input = 1;
  out.ending.usage.output = 2;
  return out;
}

std::string written(const chat::Answer& answer, const chat::Request& asked = {}) {
  return write_stream(dialect::events_of(answer), asked);
}

TEST_CASE("a stream names its role, brings its deltas, its reason, its usage and ends") {
  Text text;
  text.text = "Hi";
  CHECK(
      deltas(written(answer_of({text, call("c1", R"({"a":1})")}, Finish::tool_calls))) ==
      Deltas{
          role, R"({"content":"Hi"})",
          R"({"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]})",
          R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]})",
          "finish tool_calls", "usage", "[DONE]"});
}

TEST_CASE("usage is told only to a caller that asked for it") {
  chat::Request asked;
  asked.wants_usage = false;
  const std::string stream = written(answer_of({}, Finish::stop), asked);
  CHECK(deltas(stream) == Deltas{role, "finish stop", "[DONE]"});
  CHECK(stream.find("usage") == std::string::npos);
}

TEST_CASE("all chunks carry one id, one time and the model as it was asked for") {
  Text text;
  text.text = "Hi";
  for (const std::string& line : data_lines(written(answer_of({text}, Finish::stop)))) {
    if (line == "[DONE]") continue;
    const Json chunk = test::parsed(line);
    CHECK(chunk["id"] == "chatcmpl-up");
    CHECK(chunk["object"] == "chat.completion.chunk");
    CHECK(chunk["created"] == 1);
    CHECK(chunk["model"] == "asked-model");
  }
}

TEST_CASE("calls are numbered among themselves, and one without arguments has an empty object") {
  Text text;
  text.text = "x";
  const Deltas out =
      deltas(written(answer_of({text, call("c1", ""), call("c2", "{}")}, Finish::tool_calls)));
  CHECK(out[3] == R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})");
  CHECK(out[4].find(R"("index":1)") != std::string::npos);
  CHECK(out[5] == R"({"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]})");
}

TEST_CASE("thinking comes as text and in its maker's format, its state at its end") {
  Thinking thinking;
  thinking.text = "hm";
  thinking.origin = "anthropic";
  thinking.state = R"({"type":"thinking","thinking":"hm","signature":"sig"})";
  const Deltas out = deltas(written(answer_of({thinking}, Finish::stop)));
  CHECK(
      out[1] ==
      R"({"reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","format":"anthropic-claude-v1","index":0}]})");
  CHECK(
      out[2] ==
      R"({"reasoning_details":[{"type":"reasoning.text","signature":"sig","format":"anthropic-claude-v1","index":0}]})");
}

TEST_CASE("a refusal that is only explained is told before the reason") {
  chat::Answer answer = answer_of({}, Finish::refusal);
  answer.ending.explanation = "Not this.";
  CHECK(deltas(written(answer)) ==
        Deltas{role, R"({"refusal":"Not this."})", "finish content_filter", "usage", "[DONE]"});
}

TEST_CASE("a freeform call is a custom call") {
  ToolCall patch = call("c1", "*** Begin");
  patch.freeform = true;
  const Deltas out = deltas(written(answer_of({patch}, Finish::tool_calls)));
  CHECK(
      out[1] ==
      R"({"tool_calls":[{"index":0,"id":"c1","type":"custom","custom":{"name":"f","input":""}}]})");
  CHECK(out[2] == R"({"tool_calls":[{"index":0,"custom":{"input":"*** Begin"}}]})");
}

TEST_CASE("a caller that asked with functions gets the one call that they have room for") {
  chat::Request asked;
  asked.legacy_calls = true;
  CHECK(
      deltas(written(answer_of({call("c1", "{}"), call("c2", "{}")}, Finish::tool_calls), asked)) ==
      Deltas{role, R"({"function_call":{"name":"f","arguments":""}})",
             R"({"function_call":{"arguments":"{}"}})", "finish function_call", "usage", "[DONE]"});
}

TEST_CASE("a failure is one error and the end: no reason, no done, nothing behind it") {
  const chat::Request nothing;
  const auto writer = test::chat_translation().write_events(nothing, {"own", 1, "m"});
  std::string out = writer->write(chat::Began{});
  Refusal refusal;
  refusal.kind = RefusalKind::upstream_failed;
  out += writer->fail(refusal);
  out += writer->fail(refusal);
  out += writer->write(chat::Ended{});
  out += writer->keepalive();
  CHECK(deltas(out) == Deltas{role, "error"});
}

TEST_CASE("a keep-alive is a comment until the role is named, then an empty delta") {
  const chat::Request asked;
  const auto writer = test::chat_translation().write_events(asked, {"own", 1, "m"});
  CHECK(writer->keepalive() == ": keep-alive\n");
  writer->write(chat::Began{});
  CHECK(deltas(writer->keepalive()) == Deltas{"{}"});
}

std::string some_text() {
  return *rc::gen::element<std::string>("", "a", "\"\\\n", "\xc3\xa9\xf0\x9f\x98\x80", "{}",
                                        "[DONE]", std::string(1, '\x01'));
}

Part some_part() {
  const int kind = *rc::gen::inRange(0, 4);
  if (kind == 0) {
    return call("c" + std::to_string(*rc::gen::inRange(0, 1'000'000)),
                *rc::gen::element<std::string>("{}", R"({"a":"\u00e9"})", "{\"b\":[1,2.5]}"));
  }
  if (kind == 1) {
    Thinking out;
    out.text = some_text() + "t";
    return out;
  }
  Text out;
  out.text = some_text() + "x";
  out.refusal = kind == 3;
  return out;
}

TEST_CASE("any stream is legal, and read back it is what was written, field by field") {
  CHECK(rc::check([] {
    std::vector<Part> parts;
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) parts.push_back(some_part());
    const chat::Answer wrote = answer_of(parts, Finish::stop);
    const auto lines = data_lines(written(wrote));
    RC_ASSERT(lines.back() == "[DONE]");
    RC_ASSERT(deltas(written(wrote)).front() == role);
    const auto read = collected(read_chunks(lines));
    RC_ASSERT(read.has_value());
    const auto fields = [](const chat::Answer& answer) {
      return test::chat_translation().write_answer(answer, {}, {"own", 1, "m"});
    };
    chat::Answer expected = wrote;
    const bool called = std::any_of(parts.begin(), parts.end(), [](const Part& each) {
      return std::holds_alternative<ToolCall>(each);
    });
    if (called) expected.ending.finish = Finish::tool_calls;
    // Calls of one id are told apart by the reader.
    chat::Answer got = *read;
    got.id = wrote.id;
    RC_ASSERT(test::parsed(fields(got))["choices"][0]["message"]["content"] ==
              test::parsed(fields(expected))["choices"][0]["message"]["content"]);
    RC_ASSERT(got.ending.usage.input == wrote.ending.usage.input);
    RC_ASSERT((got.ending.finish == Finish::tool_calls) == called);
  }));
}

}  // namespace
}  // namespace routerone
