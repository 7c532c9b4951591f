#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "tests/daemon/dialect/gemini/legal_chunks.h"

using namespace routerone;
using namespace routerone::gemini_test;

namespace {

using rc::gen::element;
using rc::gen::inRange;

chat::Ended ended(chat::Finish finish, Usage usage = {}) {
  chat::Ended out;
  out.ending.finish = finish;
  out.ending.usage = std::move(usage);
  return out;
}

/// A part whose text comes in `deltas`. What is known of it at its end is known at its beginning.
void add(std::vector<chat::Event>& out, std::size_t part, const chat::Part& what,
         const std::vector<std::string>& deltas) {
  out.push_back(chat::PartBegan{part, what});
  for (const std::string& each : deltas) out.push_back(chat::Delta{part, each});
  out.push_back(chat::PartEnded{part, what, {}});
}

chat::Thinking foreign() {
  chat::Thinking out;
  out.origin = "anthropic";
  out.state = R"({"type":"thinking","thinking":"hm","signature":"EqQB"})";
  return out;
}

chat::Request asked(bool shows_thoughts, bool as_array = false) {
  chat::Request out;
  out.reasoning.visible = shows_thoughts;
  out.as_array = as_array;
  return out;
}

/// Thinking, a text and a call.
std::vector<chat::Event> small_answer() {
  std::vector<chat::Event> out = {chat::Began{"msg_1", "up", {}}};
  add(out, 0, foreign(), {"h", "m"});
  add(out, 1, chat::Text{}, {"Look", "ing."});
  add(out, 2, call_part("c1", "f", ""), {"{\"a\"", ":1}"});
  out.push_back(ended(chat::Finish::tool_calls));
  return out;
}

/// All text of the parts that are thoughts, or that are not.
std::string text_in(const Json& objects, bool thoughts) {
  std::string out;
  for (const Json& object : objects) {
    for (const Json& part : object["candidates"][0]["content"]["parts"]) {
      if (part.value("thought", false) == thoughts) out += part.value("text", "");
    }
  }
  return out;
}

Json last_of(const std::vector<chat::Event>& events) {
  return objects_of(write_stream(events)).back();
}

}  // namespace

TEST_CASE("calls go out whole, with the state that was thought before them") {
  const chat::Request all = asked(true);
  const Json objects = objects_of(write_stream(small_answer(), all));
  CHECK(text_in(objects, true) == "hm");
  CHECK(text_in(objects, false) == "Looking.");
  const Json& part = objects.at(4)["candidates"][0]["content"]["parts"][0];
  CHECK(part["functionCall"].dump() == R"({"id":"c1","name":"f","args":{"a":1}})");
  const auto back = read_request(
      R"({"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[)" +
      part.dump() + "]}]}");
  REQUIRE(back.has_value());
  CHECK(std::get<chat::Thinking>(back->turns.at(1).parts.at(0)).state == foreign().state);
}

TEST_CASE("who did not ask for thoughts gets none, but their state all the same") {
  const chat::Request few = asked(false);
  const std::string stream = write_stream(small_answer(), few);
  CHECK(text_in(objects_of(stream), true).empty());
  CHECK(stream.find("thoughtSignature") != std::string::npos);
}

TEST_CASE("state that no call takes goes with the end of the answer") {
  std::vector<chat::Event> events = {chat::Began{"msg_1", "up", {}}};
  add(events, 0, foreign(), {"hm"});
  add(events, 1, chat::Text{}, {"Done."});
  events.push_back(ended(chat::Finish::stop));
  const Json part = last_of(events)["candidates"][0]["content"]["parts"][0];
  CHECK(part["text"] == "");
  CHECK_FALSE(part.value("thoughtSignature", "").empty());
}

TEST_CASE("the last object has the reason and all of the usage") {
  Usage usage;
  usage.input = 120;
  usage.cache_read = 1000;
  usage.cache_write_5m = 80;
  usage.output = 60;
  usage.reasoning = 20;
  const Json last = last_of({chat::Began{}, ended(chat::Finish::stop, usage)});
  CHECK(last["candidates"][0]["finishReason"] == "STOP");
  CHECK(last["usageMetadata"].dump() ==
        R"({"promptTokenCount":1200,"candidatesTokenCount":40,"thoughtsTokenCount":20,)"
        R"("cachedContentTokenCount":1000,"totalTokenCount":1260})");
  CHECK_FALSE(last_of({chat::Began{}, ended(chat::Finish::stop)}).contains("usageMetadata"));
}

TEST_CASE("every ending has a reason that this dialect knows") {
  const auto reason = [](chat::Finish finish) {
    return last_of({chat::Began{}, ended(finish)})["candidates"][0]["finishReason"];
  };
  CHECK(reason(chat::Finish::stop) == "STOP");
  CHECK(reason(chat::Finish::tool_calls) == "STOP");
  CHECK(reason(chat::Finish::stop_sequence) == "STOP");
  CHECK(reason(chat::Finish::pause) == "STOP");
  CHECK(reason(chat::Finish::length) == "MAX_TOKENS");
  CHECK(reason(chat::Finish::content_filter) == "SAFETY");
  CHECK(reason(chat::Finish::refusal) == "SAFETY");
}

TEST_CASE("the words of a model that declines stand in a text, and the reason says so") {
  chat::Text words;
  words.refusal = true;
  std::vector<chat::Event> events = {chat::Began{}};
  add(events, 0, words, {"I can't."});
  events.push_back(ended(chat::Finish::stop));
  CHECK(text_in(objects_of(write_stream(events)), false) == "I can't.");
  CHECK(last_of(events)["candidates"][0]["finishReason"] == "SAFETY");
}

TEST_CASE("a stream asked for as one array is one array, and its failure closes it") {
  const chat::Request array = asked(true, true);
  const std::string whole = write_stream(small_answer(), array);
  CHECK(illegal_array(whole, true) == "");
  CHECK(json_of(whole) == objects_of(write_stream(small_answer(), asked(true))));

  const Refusal why{RefusalKind::upstream_failed, "it broke", "", {}};
  const auto early = translation().write_events(array, facts);
  CHECK(json_of(early->fail(why)).at(0)["error"]["status"] == "UNAVAILABLE");
  CHECK(early->fail(why).empty());

  const auto late = translation().write_events(array, facts);
  std::string text = late->write(chat::Began{});
  text += late->write(chat::PartBegan{0, chat::Text{}});
  text += late->write(chat::Delta{0, "a"});
  text += late->fail(why);
  CHECK(illegal_array(text, false) == "");
}

namespace {

/// Parts open at once, in pieces, ended in any order; and what they say.
struct AnyStream {
  std::vector<chat::Event> events = {chat::Began{"id-1", "up", {}}};
  std::size_t text = 0, thoughts = 0, calls = 0;  ///< Bytes; calls.

  AnyStream() {
    for (int step = *inRange(0, 30); step > 0; --step) {
      const int kind = *inRange(0, 6);
      if (kind < 3) {
        begin(kind);
      } else if (!open_.empty()) {
        const auto at = std::next(open_.begin(), *inRange(0, static_cast<int>(open_.size())));
        kind == 5 ? end(at) : say(at->first, at->second);
      }
    }
    while (!open_.empty()) end(open_.begin());
    events.push_back(ended(chat::Finish::stop));
  }

 private:
  using Open = std::map<std::size_t, chat::Part>;

  void begin(int kind) {
    chat::Part part = chat::Text{};
    if (kind == 1) part = chat::Thinking{};
    if (kind == 2) part = call_part("c" + std::to_string(begun_), "f", "");
    calls += kind == 2 ? 1 : 0;
    events.push_back(chat::PartBegan{begun_, part});
    open_[begun_++] = part;
  }
  void say(std::size_t number, const chat::Part& part) {
    const std::string piece = *element<std::string>("a", "ü", "", "{", "\"\n");
    events.push_back(chat::Delta{number, piece});
    if (std::holds_alternative<chat::Text>(part)) text += piece.size();
    if (std::holds_alternative<chat::Thinking>(part)) thoughts += piece.size();
  }
  void end(Open::iterator at) {
    events.push_back(chat::PartEnded{at->first, at->second, {}});
    open_.erase(at);
  }

  Open open_;
  std::size_t begun_ = 0;
};

std::size_t calls_in(const Json& objects) {
  std::size_t out = 0;
  for (const Json& object : objects) {
    out += object["candidates"][0]["content"]["parts"][0].contains("functionCall") ? 1 : 0;
  }
  return out;
}

}  // namespace

TEST_CASE("any order of events becomes a legal stream that says all of it") {
  CHECK(rc::check("as events and as one array", [] {
    const AnyStream any;
    const std::string stream = write_stream(any.events, asked(true));
    RC_LOG() << stream;
    RC_ASSERT(illegal(stream, true) == "");
    const Json objects = objects_of(stream);
    RC_ASSERT(text_in(objects, false).size() == any.text);
    RC_ASSERT(text_in(objects, true).size() == any.thoughts);
    RC_ASSERT(calls_in(objects) == any.calls);
    RC_ASSERT(json_of(write_stream(any.events, asked(true, true))) == objects);
  }));
}
