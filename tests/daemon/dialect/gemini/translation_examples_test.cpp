#include <doctest/doctest.h>

#include "tests/daemon/dialect/gemini/translation_support.h"
#include "tests/daemon/dialect/recordings.h"

using namespace routerone;
using namespace routerone::gemini_test;

namespace {

chat::Request curious() {
  chat::Request asked;
  asked.reasoning.visible = true;
  return asked;
}

}  // namespace

TEST_CASE("the examples of other providers' streams come out byte for byte as written down") {
  if (test::examples().empty()) {
    MESSAGE("skipped: there are no examples beside this checkout");
    return;
  }
  const std::pair<const char*, const char*> providers[] = {
      {"anthropic", "messages"}, {"openai-chat", "chat"}, {"openai-responses", "responses"}};
  const chat::Request asked = curious();
  for (const auto& [id, name] : providers) {
    CAPTURE(id);
    const auto file = [&](const std::string& stem) {
      return test::read_recording(test::examples() / (stem + ".sse"));
    };
    const std::string wanted = file("gemini_client." + std::string(name) + "_upstream");
    REQUIRE_FALSE(wanted.empty());
    const auto events =
        read_stream(file("upstream." + std::string(name)), *dialect::find(id)->translation());
    CHECK(write_stream(events, asked) == wanted);
  }
}

TEST_CASE("the example of our own provider's stream is read with all that is in it") {
  if (test::examples().empty()) return;
  const auto answer =
      collect(read_stream(test::read_recording(test::examples() / "upstream.gemini.sse")));
  REQUIRE(answer.has_value());
  REQUIRE(answer->parts.size() == 4);
  CHECK(std::get<chat::Thinking>(answer->parts[0]).text == "Need both cities.");
  CHECK(std::get<chat::Text>(answer->parts[1]).text == "Checking both.");
  const auto& paris = std::get<chat::ToolCall>(answer->parts[2]);
  CHECK(paris.arguments == R"({"city":"Paris"})");
  CHECK(paris.signature == "EuYCCuMCAb4");
  CHECK(std::get<chat::ToolCall>(answer->parts[3]).id == "call_kq3ZaPrG_1");
  CHECK(answer->ending.finish == chat::Finish::tool_calls);
  CHECK(answer->ending.usage.input == 200);
  CHECK(answer->ending.usage.cache_read == 1000);
  CHECK(answer->ending.usage.output == 60);
  CHECK(answer->ending.usage.reasoning == 20);
}
