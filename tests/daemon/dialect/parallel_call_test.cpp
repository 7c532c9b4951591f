#include "daemon/dialect/parallel_call.h"

#include <doctest/doctest.h>

#include "daemon/dialect/collector.h"

using namespace routerone;
using namespace routerone::dialect;

namespace {

chat::ToolCall call_of(std::string id, std::string name, std::string arguments) {
  chat::ToolCall out;
  out.id = std::move(id);
  out.name = std::move(name);
  out.arguments = std::move(arguments);
  return out;
}

const std::string two_uses =
    R"({"tool_uses":[{"recipient_name":"functions.f","parameters":{"z":1,"a":2}},)"
    R"({"recipient_name":"g","parameters":{}}]})";

chat::Answer answer_of(std::vector<chat::Part> parts) {
  chat::Answer out;
  out.parts = std::move(parts);
  out.ending.finish = chat::Finish::tool_calls;
  return out;
}

std::string words_of(const chat::Answer& answer) {
  std::string out;
  for (const chat::Part& part : answer.parts) {
    if (!out.empty()) out += ' ';
    if (const auto* text = std::get_if<chat::Text>(&part)) out += "text(" + text->text + ")";
    if (const auto* call = std::get_if<chat::ToolCall>(&part)) {
      out += "call(" + call->id + " " + call->name + " " + call->arguments + ")";
    }
  }
  return out;
}

/// Both ways must come to the same.
std::string unwrapped(chat::Answer answer, std::span<const chat::Tool> tools = {}) {
  ParallelUnwrapper unwrapper(tools);
  std::vector<chat::Event> events;
  for (chat::Event& event : events_of(answer)) unwrapper.take(std::move(event), events);
  CHECK(unwrapper.held() == 0);
  Collector collector;
  for (const chat::Event& event : events) collector.take(event);
  const std::string streamed = words_of(*std::move(collector).answer());
  unwrap_parallel(answer, tools);
  CHECK(streamed == words_of(answer));
  return streamed;
}

}  // namespace

TEST_CASE("the calls inside a wrapper are calls, and what stands around it stays where it is") {
  const chat::Text text{"both", false, {}, {}};
  for (const char* name : {"multi_tool_use.parallel", "parallel"}) {
    CHECK(unwrapped(answer_of({text, call_of("x", name, two_uses), call_of("y", "h", "{}")})) ==
          R"(text(both) call(x f {"z":1,"a":2}) call(x_2 g {}) call(y h {}))");
  }
}

TEST_CASE("the calls of a wrapper get no id that another call has") {
  CHECK(unwrapped(answer_of({call_of("x", "parallel", two_uses), call_of("x_2", "h", "{}")})) ==
        R"(call(x f {"z":1,"a":2}) call(x_2 g {}) call(x_2_2 h {}))");
}

TEST_CASE("a tool of the caller's own that is called like a wrapper is none") {
  chat::Tool own;
  own.name = "parallel";
  const std::vector<chat::Tool> tools = {own};
  CHECK(unwrapped(answer_of({call_of("x", "parallel", two_uses)}), tools) ==
        "call(x parallel " + two_uses + ")");
}

TEST_CASE("a wrapper around anything but calls is handed on as it is") {
  for (const char* odd : {"{}", R"({"tool_uses":[]})", R"({"tool_uses":[{"recipient_name":"f"}]})",
                          R"({"tool_uses":[{"parameters":{}}]})", R"({"tool_us)"}) {
    CHECK(unwrapped(answer_of({call_of("x", "multi_tool_use.parallel", odd)})) ==
          "call(x multi_tool_use.parallel " + std::string(odd) + ")");
  }
}

TEST_CASE("parts that are open beside a wrapper are told as they come") {
  ParallelUnwrapper unwrapper({});
  std::vector<chat::Event> out;
  unwrapper.take(chat::PartBegan{0, call_of("x", "parallel", "")}, out);
  unwrapper.take(chat::PartBegan{1, call_of("y", "h", "")}, out);
  unwrapper.take(chat::Delta{1, "{}"}, out);
  CHECK(out.size() == 2);
  unwrapper.take(chat::Delta{0, two_uses}, out);
  CHECK(unwrapper.held() == two_uses.size());
  unwrapper.take(chat::PartEnded{0, call_of("x", "parallel", ""), {}}, out);
  unwrapper.take(chat::PartEnded{1, call_of("y", "h", ""), {}}, out);
  out.emplace_back(chat::Ended{});
  Collector collector;
  for (const chat::Event& event : out) collector.take(event);
  CHECK(words_of(*std::move(collector).answer()) ==
        R"(call(y h {}) call(x f {"z":1,"a":2}) call(x_2 g {}))");
}
