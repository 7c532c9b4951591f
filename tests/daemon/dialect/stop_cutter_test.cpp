#include "daemon/dialect/stop_cutter.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "daemon/dialect/collector.h"

using namespace routerone;
using dialect::StopCutter;
using dialect::StopFinder;

namespace {

/// What is shown of a text that comes in these pieces.
std::string shown(const std::vector<std::string>& stops, const std::vector<std::string>& pieces) {
  StopFinder finder(stops);
  std::string out;
  for (const std::string& piece : pieces) out += finder.feed(piece);
  return out + finder.finish();
}

chat::Text text_of(std::string text) { return chat::Text{std::move(text), false, {}, {}}; }

chat::Answer cut(chat::Answer answer, const std::vector<std::string>& stops) {
  StopCutter cutter(stops);
  std::vector<chat::Event> events;
  for (chat::Event& each : dialect::events_of(answer)) cutter.take(std::move(each), events);
  dialect::Collector collector;
  for (const chat::Event& each : events) collector.take(each);
  return *std::move(collector).answer();
}

std::string texts(const chat::Answer& answer) {
  std::string out;
  for (const chat::Part& part : answer.parts) {
    if (const auto* text = std::get_if<chat::Text>(&part)) out += "[" + text->text + "]";
    if (std::holds_alternative<chat::ToolCall>(part)) out += "[call]";
    if (std::holds_alternative<chat::Thinking>(part)) out += "[thinking]";
  }
  return out;
}

chat::Answer answer_of(std::vector<chat::Part> parts) {
  chat::Answer out;
  out.parts = std::move(parts);
  out.ending.finish = chat::Finish::stop;
  out.ending.usage.output = 9;
  return out;
}

}  // namespace

TEST_CASE("text ends before the first stop sequence, wherever it is split") {
  CHECK(shown({"END"}, {"one END two"}) == "one ");
  CHECK(shown({"END"}, {"one E", "N", "D two"}) == "one ");
  CHECK(shown({"END"}, {"one E", "N", "T two"}) == "one ENT two");
  CHECK(shown({"END"}, {"one EN"}) == "one EN");
  CHECK(shown({"aab"}, {"a", "a", "a", "b"}) == "a");
  CHECK(shown({}, {"all"}) == "all");
  CHECK(shown({""}, {"all"}) == "all");
}

TEST_CASE("the sequence that is whole first wins, of those the one that began first") {
  CHECK(shown({"abcd", "bc"}, {"xabcd"}) == "xa");
  CHECK(shown({"c", "abc"}, {"xabc"}) == "x");
}

TEST_CASE("only what may still become a stop is held back") {
  const std::vector<std::string> stops = {"\n\nHuman:"};
  StopFinder finder(stops);
  CHECK(finder.feed("Hello") == "Hello");
  CHECK(finder.feed(" there\n") == " there");
  CHECK(finder.feed("you") == "\nyou");
  CHECK(finder.found() == nullptr);
}

TEST_CASE("any chunking shows the same, and that is what a plain search finds") {
  CHECK(rc::check("chunking does not matter", [] {
    const auto letter = rc::gen::element('a', 'b', 'c');
    const auto word = rc::gen::container<std::string>(letter);
    const auto stops = *rc::gen::container<std::vector<std::string>>(word);
    const auto pieces = *rc::gen::container<std::vector<std::string>>(word);
    std::string whole;
    for (const std::string& piece : pieces) whole += piece;
    std::size_t end = whole.size() + 1, begin = whole.size();
    for (const std::string& stop : stops) {
      const std::size_t at = stop.empty() ? std::string::npos : whole.find(stop);
      if (at == std::string::npos || at + stop.size() > end) continue;
      begin = at + stop.size() == end ? std::min(begin, at) : at;
      end = at + stop.size();
    }
    RC_ASSERT(shown(stops, pieces) == whole.substr(0, begin));
  }));
}

TEST_CASE("an answer that is cut says where, keeps its usage and loses what comes behind") {
  const auto answer = cut(
      answer_of({chat::Thinking{"END", "", "", false}, text_of("one END two"), chat::ToolCall{}}),
      {"STOP", "END"});
  CHECK(texts(answer) == "[thinking][one ]");
  CHECK(answer.ending.finish == chat::Finish::stop_sequence);
  CHECK(answer.ending.stop_sequence == "END");
  CHECK(answer.ending.usage.output == 9);
}

TEST_CASE("an answer without a stop stays as it is, also what was held back") {
  const auto answer =
      cut(answer_of({text_of("one E"), text_of("ND"), chat::ToolCall{}, text_of("EN")}), {"END"});
  CHECK(texts(answer) == "[one E][ND][call][EN]");
  CHECK(answer.ending.finish == chat::Finish::stop);
}

TEST_CASE("what was held back comes before the end, and a cut text keeps no sources") {
  const std::vector<std::string> stops = {"END"};
  StopCutter cutter(stops);
  std::vector<chat::Event> events;
  chat::Text rest;
  rest.citations = {{"https://a.example", "A", 0, 5, ""}};
  cutter.take(chat::PartBegan{0, chat::Text{}}, events);
  cutter.take(chat::Delta{0, "one E"}, events);
  CHECK_FALSE(cutter.cut());
  cutter.take(chat::PartEnded{0, rest, {}}, events);
  REQUIRE(events.size() == 4);
  CHECK(std::get<chat::Delta>(events[2]).text == "E");
  CHECK(std::get<chat::Text>(std::get<chat::PartEnded>(events[3]).rest).citations.size() == 1);
  cutter.take(chat::PartBegan{1, chat::Text{}}, events);
  cutter.take(chat::Delta{1, "two END"}, events);
  cutter.take(chat::PartEnded{1, rest, {}}, events);
  REQUIRE(events.size() == 7);
  CHECK(std::get<chat::Delta>(events[5]).text == "two ");
  CHECK(std::get<chat::Text>(std::get<chat::PartEnded>(events[6]).rest).citations.empty());
}

TEST_CASE("parts that began before the cut go on to their end; a cut part ends once") {
  const std::vector<std::string> stops = {"END"};
  StopCutter cutter(stops);
  std::vector<chat::Event> events;
  cutter.take(chat::PartBegan{0, chat::ToolCall{}}, events);
  cutter.take(chat::PartBegan{1, chat::Text{}}, events);
  cutter.take(chat::Delta{1, "aEND"}, events);
  cutter.take(chat::Delta{0, "{}"}, events);
  cutter.take(chat::Delta{1, "b"}, events);
  cutter.take(chat::PartEnded{1, chat::Text{}, {}}, events);
  cutter.take(chat::PartEnded{0, chat::ToolCall{}, {}}, events);
  REQUIRE(events.size() == 6);
  CHECK(std::get<chat::Delta>(events[2]).text == "a");
  CHECK(std::get<chat::PartEnded>(events[3]).part == 1);
  CHECK(std::get<chat::Delta>(events[4]).part == 0);
  CHECK(std::get<chat::PartEnded>(events[5]).part == 0);
}

TEST_CASE("a whole answer is cut as its stream would be") {
  chat::Answer answer =
      answer_of({text_of("a"), text_of("b END c"), chat::ToolCall{}, text_of("d")});
  dialect::cut_at_stop(answer, {"END"});
  CHECK(texts(answer) == "[a][b ]");
  CHECK(answer.ending.stop_sequence == "END");
}
