#include <doctest/doctest.h>

#include "daemon/dialect/usage_openai.h"
#include "tests/daemon/dialect/openai_chat/translation_support.h"
#include "tests/daemon/dialect/recordings.h"
#include "tests/daemon/dialect/scan_support.h"

namespace routerone {
namespace {

using test::text_of;

struct Recording {
  std::string id, body, request, malformed;
  bool stream = false;
  int status = 200;
  Json summary;
};

std::vector<Recording> ours() {
  std::vector<Recording> out;
  const auto folder = test::recordings();
  if (folder.empty()) {
    MESSAGE("skipped: no recordings here");
    return out;
  }
  for (const char* manifest : {"manifest.json", "parallel/manifest.json"}) {
    for (const Json& entry : test::recorded(folder, manifest)) {
      if (entry["dialect"] != "openai-chat") continue;
      Recording one;
      one.id = text_of(entry, "id") + " " + text_of(entry, "file");
      one.body = test::read_recording(folder / text_of(entry, "file"));
      const std::string request = text_of(entry, "request_file");
      if (!request.empty()) one.request = test::read_recording(folder / request);
      one.malformed = text_of(entry, "malformed");
      one.stream = entry["stream"];
      one.status = entry["status"];
      one.summary = entry.value("sdk_summary", Json());
      out.push_back(std::move(one));
    }
  }
  CHECK(out.size() > 100);
  return out;
}

using Answered = tl::expected<chat::Answer, FailureClass>;

/// A stream cut at places that follow from `seed`, framed and read as the relay does.
Answered read_stream(const std::string& bytes, std::uint64_t seed) {
  const auto reader = test::chat_translation().read_events();
  std::vector<chat::Event> events;
  std::string joined;
  dialect::SseFramer framer;
  const auto take = [&](std::string_view event_bytes) {
    const dialect::SseEvent event = dialect::read_event(event_bytes, joined);
    if (event.has_data) reader->read(event.name, event.data, events);
  };
  for (const std::string_view chunk : test::cut(bytes, seed)) {
    framer.push(chunk);
    while (const auto piece = framer.next()) take(piece->bytes);
  }
  take(framer.rest());
  reader->end(events);
  return test::collected(events);
}

Answered read_any(const Recording& one, std::uint64_t seed) {
  return one.stream ? read_stream(one.body, seed) : test::chat_translation().read_answer(one.body);
}

/// The official SDK counts a text in UTF-16 units.
std::int64_t length_of(std::string_view text) {
  std::int64_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

void check_summary(const Recording& one, const chat::Answer& answer) {
  const Json& wanted = one.summary;
  if (!wanted.is_object()) return;
  std::int64_t text = 0, tools = 0;
  bool thinks_inside = false;  // Content in parts, of which the SDK makes something else.
  for (const chat::Part& part : answer.parts) {
    if (const auto* said = std::get_if<chat::Text>(&part)) {
      if (!said->refusal) text += length_of(said->text);
    } else if (std::holds_alternative<chat::ToolCall>(part)) {
      ++tools;
    } else {
      thinks_inside = one.body.find("\"type\":\"thinking\"") != std::string::npos ||
                      one.body.find("\"type\": \"thinking\"") != std::string::npos;
    }
  }
  if (wanted.contains("text") && wanted["text"].is_number() && !thinks_inside) {
    CHECK(text == wanted["text"].get<std::int64_t>());
  }
  if (wanted.contains("tools") && wanted["tools"].is_number()) {
    CHECK(tools == wanted["tools"].get<std::int64_t>());
  }
  if (wanted.contains("usage") && wanted["usage"].is_object()) {
    const Usage usage = dialect::read_usage_json("openai-chat", wanted["usage"].dump());
    const Usage& got = answer.ending.usage;
    CHECK(got.input == usage.input);
    CHECK(got.output == usage.output);
    CHECK(got.cache_read.value_or(0) == usage.cache_read.value_or(0));
    CHECK(got.reasoning.value_or(0) == usage.reasoning.value_or(0));
  }
  const std::string finish = text_of(wanted, "finish");
  if (finish == "stop" || finish == "length" || finish == "tool_calls") {
    const Json written =
        test::parsed(test::chat_translation().write_answer(answer, {}, {"own", 1, "m"}));
    const std::string got = written["choices"][0]["finish_reason"];
    CHECK((got == finish || (tools > 0 && got == "tool_calls")));
  }
}

TEST_CASE("every recorded answer is read with its text, calls, usage and reason") {
  int read = 0;
  for (const Recording& one : ours()) {
    if (one.status != 200 || !one.malformed.empty()) continue;
    CAPTURE(one.id);
    for (std::uint64_t seed = 0; seed < (one.stream ? 20 : 1); ++seed) {
      const auto answer = read_any(one, seed);
      REQUIRE(answer);
      check_summary(one, *answer);
    }
    ++read;
  }
  if (read > 0) MESSAGE(read << " recorded answers read");
}

TEST_CASE("recorded streams that are broken end in an answer or a failure, never in silence") {
  for (const Recording& one : ours()) {
    if (one.malformed.empty()) continue;
    CAPTURE(one.id);
    const auto answer = read_any(one, 1);
    const bool is_error = one.body.find("\"error\":") != std::string::npos;
    CHECK(answer.has_value() != is_error);
  }
}

TEST_CASE("every recorded request is read, and written again for the same dialect") {
  int read = 0;
  for (const Recording& one : ours()) {
    if (one.request.empty() || one.status != 200) continue;
    CAPTURE(one.id);
    const auto request = test::read_chat(one.request);
    REQUIRE_MESSAGE(request, request.error().message);
    chat::Request plain = *request;
    plain.own_only.clear();
    const auto again = test::chat_translation().write_request(plain, test::chat_target());
    const bool remote_document = one.request.find("document_url") != std::string::npos;
    REQUIRE(again.has_value() != remote_document);
    if (!again) continue;
    const Json before = test::parsed(one.request), after = test::parsed(again->body);
    CHECK(after.value("tools", Json::array()).size() ==
          before.value("tools", Json::array()).size());
    ++read;
  }
  if (read > 0) MESSAGE(read << " recorded requests read");
}

TEST_CASE("recorded answers written for a caller of this dialect read back the same") {
  for (const Recording& one : ours()) {
    if (one.status != 200 || !one.malformed.empty()) continue;
    CAPTURE(one.id);
    const auto answer = read_any(one, 0);
    if (!answer) continue;
    const auto lines = test::data_lines(test::write_stream(dialect::events_of(*answer), {}));
    const auto again = test::collected(test::read_chunks(lines));
    REQUIRE(again);
    check_summary(one, *again);
  }
}

}  // namespace
}  // namespace routerone
