#include "daemon/dialect/collector.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone {
namespace {

using chat::Event;
using chat::Text;
using chat::ToolCall;
using dialect::Collector;

ToolCall call(std::string name, std::string arguments) {
  ToolCall out;
  out.id = "c";
  out.name = std::move(name);
  out.arguments = std::move(arguments);
  return out;
}

dialect::WrittenRequest::Renamed renamed(std::string written, std::string group, std::string name,
                                         bool freeform = false) {
  ToolCall means;
  means.group = std::move(group);
  means.name = std::move(name);
  means.freeform = freeform;
  return {std::move(written), means};
}

chat::Answer some_answer() {
  chat::Answer out;
  out.id = "id";
  out.model = "m";
  chat::Thinking thinking;
  thinking.text = "hm";
  thinking.origin = "anthropic";
  thinking.state = "{}";
  Text text;
  text.text = "Hi";
  text.citations.push_back({"https://a.test", "", 0, 0, ""});
  out.parts = {thinking, text, call("f", R"({"a":1})")};
  out.ending.finish = chat::Finish::tool_calls;
  out.ending.usage.input = 3;
  return out;
}

tl::expected<chat::Answer, FailureClass> collect(const std::vector<Event>& events) {
  Collector collector;
  for (const Event& event : events) collector.take(event);
  return std::move(collector).answer();
}

TEST_CASE("an answer made events is the same answer put together again") {
  const auto again = collect(dialect::events_of(some_answer()));
  REQUIRE(again);
  CHECK(again->id == "id");
  CHECK(again->model == "m");
  REQUIRE(again->parts.size() == 3);
  CHECK(std::get<chat::Thinking>(again->parts[0]).state == "{}");
  CHECK(std::get<Text>(again->parts[1]).text == "Hi");
  CHECK(std::get<Text>(again->parts[1]).citations.size() == 1);
  CHECK(std::get<ToolCall>(again->parts[2]).arguments == R"({"a":1})");
  CHECK(again->ending.finish == chat::Finish::tool_calls);
  CHECK(again->ending.usage.input == 3);
}

TEST_CASE("what is known of a part at its end does not come at its beginning") {
  const auto events = dialect::events_of(some_answer());
  const auto& began = std::get<chat::PartBegan>(events[1]);
  CHECK(std::get<chat::Thinking>(began.what).origin == "anthropic");
  CHECK(std::get<chat::Thinking>(began.what).state.empty());
  CHECK(std::get<chat::Thinking>(began.what).text.empty());
}

TEST_CASE("a stream that failed or never ended is no answer") {
  CHECK(collect({chat::Began{}, chat::Failed{FailureClass::overloaded, {}}}).error() ==
        FailureClass::overloaded);
  CHECK(collect({chat::Began{}}).error() == FailureClass::cut);
}

TEST_CASE("deltas alone make a part, where its end was never told") {
  const auto answer = collect({chat::Began{}, chat::PartBegan{0, Text{}}, chat::Delta{0, "a"},
                               chat::Delta{0, "b"}, chat::Delta{7, "nowhere"}, chat::Ended{}});
  REQUIRE(answer);
  CHECK(std::get<Text>(answer->parts[0]).text == "ab");
}

TEST_CASE("a state whose text was left out gets it back") {
  chat::Thinking beginning, rest;
  beginning.origin = rest.origin = "anthropic";
  rest.state = R"({"thinking":"","again":"!"})";
  const auto answer = collect({chat::Began{}, chat::PartBegan{0, beginning}, chat::Delta{0, "a\"b"},
                               chat::PartEnded{0, rest, {{13, 0, 3}, {24, 1, 2}}}, chat::Ended{}});
  REQUIRE(answer);
  CHECK(std::get<chat::Thinking>(answer->parts[0]).state == R"({"thinking":"a\"b","again":"\"!"})");
  CHECK(std::get<chat::Thinking>(answer->parts[0]).text == "a\"b");
}

TEST_CASE("what is longer than a whole answer may be is none") {
  Collector collector;
  collector.take(chat::Began{});
  collector.take(chat::PartBegan{0, Text{}});
  const std::string piece(1 << 20, 'a');
  for (int i = 0; i < 32; ++i) collector.take(chat::Delta{0, piece});
  CHECK_FALSE(collector.done());
  collector.take(chat::Delta{0, "a"});
  CHECK(collector.done());
  CHECK(std::move(collector).answer().error() == FailureClass::bad_answer);
}

TEST_CASE("tools get their own names back, in whole answers and in streams") {
  const std::vector<dialect::WrittenRequest::Renamed> names = {
      renamed("shell__run", "shell", "run"), renamed("patch", "", "patch", true)};
  chat::Answer answer;
  answer.parts = {call("shell__run", "{}"), call("patch", R"({"input":"*** \u00e9"})"),
                  call("other", "{}")};
  dialect::NameRestorer restorer(names);
  std::vector<Event> events;
  for (const Event& event : dialect::events_of(answer)) restorer.take(event, events);
  const auto streamed = collect(events);
  dialect::restore_names(answer, names);
  REQUIRE(streamed);
  for (const chat::Answer* each : std::initializer_list<const chat::Answer*>{&answer, &*streamed}) {
    const auto& run = std::get<ToolCall>(each->parts[0]);
    CHECK(run.name == "run");
    CHECK(run.group == "shell");
    const auto& patch = std::get<ToolCall>(each->parts[1]);
    CHECK(patch.freeform);
    CHECK(patch.arguments == "*** é");
    CHECK(std::get<ToolCall>(each->parts[2]).name == "other");
  }
}

TEST_CASE("a freeform call's deltas are its text, in order and nothing twice") {
  const std::vector<dialect::WrittenRequest::Renamed> names = {renamed("p", "", "p", true)};
  dialect::NameRestorer restorer(names);
  std::vector<Event> out;
  restorer.take(chat::PartBegan{0, call("p", "")}, out);
  for (const char* piece : {"{\"inp", "ut\":\"a\\", "nb", "\"}"}) {
    restorer.take(chat::Delta{0, piece}, out);
  }
  restorer.take(chat::PartEnded{0, call("p", ""), {}}, out);
  std::string text;
  for (const Event& event : out) {
    if (const auto* delta = std::get_if<chat::Delta>(&event)) text += delta->text;
  }
  CHECK(text == "a\nb");
  CHECK(std::get<ToolCall>(std::get<chat::PartEnded>(out.back()).rest).freeform);
}

TEST_CASE("parts that overlap come out one after another, and lose nothing") {
  CHECK(rc::check([] {
    // Some parts, each begun in order; their deltas and ends mixed at random.
    const int parts = *rc::gen::inRange(1, 5);
    std::vector<std::vector<Event>> left(static_cast<std::size_t>(parts));
    std::vector<std::string> wanted(left.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      const int pieces = *rc::gen::inRange(0, 4);
      for (int j = 0; j < pieces; ++j) {
        const std::string piece = std::to_string(i) + std::to_string(j);
        wanted[i] += piece;
        left[i].emplace_back(chat::Delta{i, piece});
      }
      left[i].emplace_back(chat::PartEnded{i, call("f", ""), {}});
    }
    dialect::OneAtATime line;
    std::vector<Event> out;
    std::size_t begun = 0;
    std::vector<std::size_t> next(left.size(), 0);
    const auto step = [&](std::size_t pick) {
      if (pick >= begun) {
        line.take(chat::PartBegan{begun++, call("f", "")}, out);
      } else if (next[pick] < left[pick].size()) {
        line.take(left[pick][next[pick]++], out);
      }
    };
    const auto picks =
        *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 5));
    for (const std::size_t pick : picks) step(pick % left.size());
    while (begun < left.size()) step(begun);
    for (std::size_t i = 0; i < left.size(); ++i) {
      while (next[i] < left[i].size()) step(i);
    }
    line.take(chat::Ended{}, out);
    RC_ASSERT(std::holds_alternative<chat::Ended>(out.back()));
    std::size_t open = 0;
    bool is_open = false;
    std::string got;
    for (const Event& event : out) {
      if (const auto* began = std::get_if<chat::PartBegan>(&event)) {
        RC_ASSERT(!is_open);
        RC_ASSERT(began->part == open);
        is_open = true;
        got.clear();
      } else if (const auto* delta = std::get_if<chat::Delta>(&event)) {
        RC_ASSERT(is_open);
        RC_ASSERT(delta->part == open);
        got += delta->text;
      } else if (const auto* ended = std::get_if<chat::PartEnded>(&event)) {
        RC_ASSERT(ended->part == open);
        RC_ASSERT(got == wanted[open]);
        ++open;
        is_open = false;
      }
    }
    RC_ASSERT(open == left.size());
  }));
}

}  // namespace
}  // namespace routerone
