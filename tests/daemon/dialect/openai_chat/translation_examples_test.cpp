#include <doctest/doctest.h>

#include "tests/daemon/dialect/openai_chat/translation_support.h"
#include "tests/daemon/dialect/recordings.h"

namespace routerone {
namespace {

std::string without_blank_ends(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// One provider's stream, as a caller of Chat Completions is to get it.
void check_example(const std::filesystem::path& folder, const char* word, const char* dialect) {
  CAPTURE(word);
  const dialect::Dialect* upstream = dialect::find(dialect);
  if (upstream == nullptr || upstream->translation() == nullptr) return;
  const std::string stream =
      test::read_recording(folder / ("upstream." + std::string(word) + ".sse"));
  const auto reader = upstream->translation()->read_events();
  std::vector<chat::Event> events;
  std::string joined;
  dialect::SseFramer framer;
  framer.push(stream);
  while (const auto piece = framer.next()) {
    const dialect::SseEvent event = dialect::read_event(piece->bytes, joined);
    if (event.has_data) reader->read(event.name, event.data, events);
  }
  reader->end(events);
  const std::string wanted =
      test::read_recording(folder / ("chat_client." + std::string(word) + "_upstream.sse"));
  const std::string got = test::write_stream(events, {}, {"own", 1'795'000'000, "r1/model"});
  CHECK(without_blank_ends(got) == without_blank_ends(wanted));
}

TEST_CASE("each dialect's example stream becomes the example of a chat caller, byte for byte") {
  const auto recordings = test::recordings();
  const auto folder = recordings.parent_path() / "examples";
  if (recordings.empty() || !std::filesystem::exists(folder)) {
    MESSAGE("skipped: no examples here");
    return;
  }
  check_example(folder, "messages", "anthropic");
  check_example(folder, "responses", "openai-responses");
  check_example(folder, "gemini", "gemini");
}

}  // namespace
}  // namespace routerone
