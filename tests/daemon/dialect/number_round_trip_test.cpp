#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "daemon/dialect/registry.h"
#include "daemon/dialect/translation.h"
#include "tests/daemon/dialect/json_properties.h"

namespace routerone {
namespace {

using dialect::Dialect;
using dialect::Operation;

struct Way {
  const char* id;
  const char* path;
};
constexpr Way ways[] = {{"openai-chat", "/v1/chat/completions"},
                        {"anthropic", "/v1/messages"},
                        {"openai-responses", "/v1/responses"},
                        {"gemini", "/v1beta/models/m:generateContent"}};

const dialect::Translation& translation_of(const Way& way) {
  return *dialect::find(way.id)->translation();
}

/// What a target of this dialect is asked, read by the dialect again.
chat::Request through(const Way& way, const chat::Request& request) {
  Endpoint endpoint;
  endpoint.dialect = way.id;
  Target target;
  target.endpoint = &endpoint;
  target.name = name_target({"", "", "m", "m"});
  const auto written = translation_of(way).write_request(request, target);
  RC_ASSERT(written.has_value());
  const auto match = dialect::match(way.path, {});
  const auto read = translation_of(way).read_request(*match.operation, way.path, written->body);
  RC_ASSERT(read.has_value());
  return *read;
}

chat::Answer through(const Way& way, const chat::Answer& answer) {
  const auto read =
      translation_of(way).read_answer(translation_of(way).write_answer(answer, {}, {"1", 1, "m"}));
  RC_ASSERT(read.has_value());
  return *read;
}

chat::ToolCall call_with(const std::string& number) {
  chat::ToolCall call;
  call.id = "call_1";
  call.name = "f";
  call.arguments = R"({"a":)" + number + R"(,"b":["1.50",)" + number + "]}";
  return call;
}

chat::Turn turn_of(chat::Role role, chat::Part part) {
  chat::Turn out;
  out.role = role;
  out.parts.push_back(std::move(part));
  return out;
}

chat::Request request_with(const std::string& number) {
  chat::Request out;
  out.model = "m";
  out.output_cap = 100;
  chat::Tool tool;
  tool.name = "f";
  tool.schema = R"({"type":"object","properties":{"a":{"type":"number","maximum":)" + number +
                R"(},"b":{"type":"array","items":{"type":"number"}}}})";
  out.tools.push_back(std::move(tool));
  out.turns.push_back(turn_of(chat::Role::user, chat::Text{"hi", false, {}, {}}));
  out.turns.push_back(turn_of(chat::Role::assistant, call_with(number)));
  chat::ToolResult result;
  result.call_id = "call_1";
  result.content.emplace_back(chat::Text{"1", false, {}, {}});
  out.turns.push_back(turn_of(chat::Role::user, std::move(result)));
  return out;
}

template <class Turns>
const chat::ToolCall* call_in(const Turns& parts) {
  for (const chat::Part& part : parts) {
    if (const auto* call = std::get_if<chat::ToolCall>(&part)) return call;
  }
  return nullptr;
}

std::string arguments_in(const chat::Request& request) {
  for (const chat::Turn& turn : request.turns) {
    if (const chat::ToolCall* call = call_in(turn.parts)) return call->arguments;
  }
  return {};
}

TEST_CASE("numbers in arguments and schemas keep their spelling from any dialect to any and back") {
  CHECK(rc::check([] {
    const Way x = *rc::gen::elementOf(std::vector<Way>(std::begin(ways), std::end(ways)));
    const Way y = *rc::gen::elementOf(std::vector<Way>(std::begin(ways), std::end(ways)));
    const std::string number = test::any_number();
    RC_LOG() << x.id << " " << y.id << " " << number;
    const chat::Request asked = request_with(number);
    const chat::Request back = through(x, through(y, through(x, asked)));
    RC_ASSERT(arguments_in(back) == arguments_in(asked));
    RC_ASSERT(back.tools.at(0).schema == asked.tools[0].schema);
  }));
}

TEST_CASE("numbers in the arguments of an answer keep their spelling") {
  CHECK(rc::check([] {
    const Way x = *rc::gen::elementOf(std::vector<Way>(std::begin(ways), std::end(ways)));
    const Way y = *rc::gen::elementOf(std::vector<Way>(std::begin(ways), std::end(ways)));
    chat::Answer answer;
    answer.ending.finish = chat::Finish::tool_calls;
    const chat::ToolCall call = call_with(test::any_number());
    answer.parts.emplace_back(call);
    const chat::Answer back = through(x, through(y, through(x, answer)));
    const chat::ToolCall* got = call_in(back.parts);
    RC_ASSERT(got != nullptr);
    RC_ASSERT(got->arguments == call.arguments);
  }));
}

}  // namespace
}  // namespace routerone
