#include <doctest/doctest.h>

#include "../recordings.h"
#include "legal_responses.h"

using namespace routerone;
using namespace routerone::test::responses;

namespace {

/// When an answer was completed is told by no clock here.
std::string without_times(std::string text) {
  const std::string name = "\"completed_at\":";
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t from = at + name.size();
    text.replace(from, text.find(',', from) - from, "0");
  }
  return text;
}

std::vector<chat::Event> events_of(const dialect::Translation& upstream, std::string_view stream) {
  const auto reader = upstream.read_events();
  std::vector<chat::Event> out;
  for (const SseLine& each : sse_events(stream)) reader->read(each.name, each.data, out);
  if (!reader->done()) reader->end(out);
  return out;
}

chat::Request asked_for_example() {
  chat::Request asked;
  asked.reasoning.effort = chat::Effort::medium;
  return asked;
}

}  // namespace

TEST_CASE("the examples of other providers' streams come out byte for byte as written down") {
  if (test::examples().empty()) {
    MESSAGE("skipped: there are no examples beside this checkout");
    return;
  }
  const std::pair<const char*, const char*> providers[] = {{"anthropic", "messages"},
                                                           {"openai-chat", "chat"}};
  for (const auto& [id, name] : providers) {
    CAPTURE(id);
    const dialect::Dialect* upstream = dialect::find(id);
    if (!upstream || !upstream->translation()) continue;
    const std::string given =
        test::read_recording(test::examples() / ("upstream." + std::string(name) + ".sse"));
    const std::string wanted = test::read_recording(
        test::examples() / ("responses_client." + std::string(name) + "_upstream.sse"));
    REQUIRE_FALSE(wanted.empty());
    const chat::Request asked = asked_for_example();
    const std::string got = write_stream(events_of(*upstream->translation(), given), asked);
    CHECK(without_times(got) == without_times(wanted));
  }
}

// The example knows of the call's state before the text is out; a stream learns of it with the
// call.
TEST_CASE("state that comes with a call is a reasoning item right before that call") {
  if (test::examples().empty()) return;
  const std::string given = test::read_recording(test::examples() / "upstream.gemini.sse");
  const chat::Request asked = asked_for_example();
  const dialect::Translation& gemini = *dialect::find("gemini")->translation();
  const std::string got = write_stream(events_of(gemini, given), asked);
  CHECK(illegal(got, true) == "");
  const auto done = of_type(got, "response.output_item.done");
  REQUIRE(done.size() == 5);
  CHECK(done[0]["item"]["summary"][0]["text"] == "Need both cities.");
  CHECK(done[1]["item"]["type"] == "message");
  const std::string state = done[2]["item"].value("encrypted_content", "");
  CHECK(state.starts_with("r1.g."));
  CHECK(done[3]["item"]["arguments"] == R"({"city":"Paris"})");
  CHECK(done[4]["item"]["arguments"] == R"({"city":"Rome"})");
}

TEST_CASE("the example of our own provider's stream is read with all that is in it") {
  if (test::examples().empty()) return;
  const auto answer =
      collect(read_stream(test::read_recording(test::examples() / "upstream.responses.sse")));
  REQUIRE(answer.has_value());
  CHECK(
      words_of(*answer) ==
      R"w(thinking(Need both cities.) text(Checking both.) call(get_weather {"city":"Paris"}) call(get_weather {"city":"Rome"}))w");
  CHECK(answer->ending.usage.input == 120);
  CHECK(answer->ending.usage.cache_write_5m == 80);
  CHECK(answer->ending.usage.reasoning == 20);
}
