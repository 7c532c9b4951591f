#include "daemon/listener/event_texts.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace routerone;

namespace {

/// All that a stream carries, cut into steps of these sizes.
std::vector<std::string> texts_of(std::string_view stream, std::size_t step = std::string::npos) {
  EventTexts events;
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < stream.size(); at += std::min(step, stream.size() - at)) {
    for (const std::string_view text : events.push(stream.substr(at, step)))
      texts.emplace_back(text);
  }
  for (const std::string_view text : events.rest()) texts.emplace_back(text);
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the data of each event is a text, as it came") {
  CHECK(texts_of("event: a\ndata: {\"n\": 1.0}\n\ndata:{}\r\n\r\n") ==
        Texts{R"({"n": 1.0})", "{}"});
  CHECK(texts_of("data: {\"a\":\ndata: 1}\n\n") == Texts{"{\"a\":\n1}"});
  CHECK(texts_of("id: 7\nretry: 1\ndata: x\n\n") == Texts{"x"});
}

TEST_CASE("what carries nothing is no text") {
  CHECK(texts_of(": keep-alive\n\nevent: ping\n\ndata: \n\ndata: [DONE]\n\n").empty());
  CHECK(texts_of("\n\n\n").empty());
}

TEST_CASE("an event that the end cut off before its blank line is told at the end") {
  EventTexts events;
  CHECK(events.push("data: a\n\ndata: b\n") == std::vector<std::string_view>{"a"});
  CHECK(events.rest() == std::vector<std::string_view>{"b"});
  CHECK(events.rest().empty());
}

TEST_CASE("an event longer than a framer holds is one text all the same") {
  const std::string large(700'000, 'x');
  for (const std::size_t step : {std::size_t{1000}, std::size_t{300'000}, std::string::npos}) {
    CHECK(texts_of("data: a\n\ndata: " + large + "\n\ndata: b\n\n", step) ==
          Texts{"a", large, "b"});
  }
}

TEST_CASE("any chunking of any stream carries the same texts") {
  CHECK(rc::check([] {
    static const std::vector<std::string> words = {"data: a\n", "data:b\n",  "\n",      "\r\n",
                                                   "event: e",  ": comment", "data: [", "]"};
    const auto picked =
        *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 8));
    const auto step = *rc::gen::inRange<std::size_t>(1, 20);
    std::string stream;
    for (const std::size_t i : picked) stream += words[i];
    RC_ASSERT(texts_of(stream, step) == texts_of(stream));
  }));
}
