#include <doctest/doctest.h>

#include <algorithm>

#include "../recordings.h"
#include "legal_messages.h"

using namespace routerone;
using namespace routerone::messages_test;
using namespace routerone::test;

namespace {

struct Recording {
  std::string id, body;
  bool stream = false;
  int status = 200;
  bool broken = false;
  Json summary;
  std::string request;
};

std::vector<Recording> ours() {
  std::vector<Recording> out;
  const auto folder = recordings();
  for (const char* manifest : {"manifest.json", "parallel/manifest.json"}) {
    if (folder.empty()) break;
    const auto base = folder;
    for (const Json& entry : recorded(folder, manifest)) {
      if (entry.at("dialect") != "anthropic") continue;
      Recording one;
      one.id = entry.at("id");
      one.body = read_recording(base / text_of(entry, "file"));
      one.stream = entry.at("stream");
      one.status = entry.at("status");
      one.broken = entry.contains("malformed");
      one.summary = entry.value("sdk_summary", Json());
      const std::string request = text_of(entry, "request_file");
      if (!request.empty()) one.request = read_recording(base / request);
      out.push_back(std::move(one));
    }
  }
  if (out.empty()) MESSAGE("skipped: there are no recordings beside this checkout");
  return out;
}

tl::expected<chat::Answer, FailureClass> read_any(const Recording& one) {
  if (one.stream) return collect(read_stream(one.body));
  return messages_translation().read_answer(one.body);
}

std::string word_of_part(const chat::Part& part) {
  if (const auto* thinking = std::get_if<chat::Thinking>(&part)) {
    return thinking->redacted ? "redacted_thinking" : "thinking";
  }
  if (std::holds_alternative<chat::Text>(part)) return "text";
  return std::holds_alternative<chat::ToolCall>(part) ? "tool_use" : "other";
}

bool is_known(const std::string& block) {
  return block == "text" || block == "thinking" || block == "redacted_thinking" ||
         block == "tool_use";
}

std::int64_t count(const Json& usage, const char* name) {
  return usage.contains(name) && usage[name].is_number() ? usage[name].get<std::int64_t>() : 0;
}

/// The reason that the answer is written with.
std::string reason_of(const chat::Answer& answer) {
  return json_of(messages_translation().write_answer(answer, {}, facts)).at("stop_reason");
}

}  // namespace

TEST_CASE("every recorded answer is read with its content, its usage and its ending") {
  for (const Recording& one : ours()) {
    CAPTURE(one.id);
    const auto answer = read_any(one);
    if (one.status != 200) {
      CHECK_FALSE(answer.has_value());
      continue;
    }
    if (one.broken) continue;
    REQUIRE(answer.has_value());
    if (!one.summary.is_object()) continue;
    std::vector<std::string> expected, found;
    for (const Json& block : one.summary.at("blocks")) {
      if (is_known(block)) expected.push_back(block);
    }
    for (const chat::Part& part : answer->parts) found.push_back(word_of_part(part));
    CHECK(found == expected);
    const Json& usage = one.summary.at("usage");
    CHECK(answer->ending.usage.input == count(usage, "input_tokens"));
    CHECK(answer->ending.usage.output == count(usage, "output_tokens"));
    CHECK(answer->ending.usage.cache_read.value_or(0) == count(usage, "cache_read_input_tokens"));
    CHECK(answer->ending.usage.cache_write_5m.value_or(0) +
              answer->ending.usage.cache_write_1h.value_or(0) ==
          count(usage, "cache_creation_input_tokens"));
    // Calls decide before what the provider said: its own tools may have made them.
    const bool called = std::count(found.begin(), found.end(), "tool_use") != 0;
    CHECK(reason_of(*answer) == (called ? Json("tool_use") : one.summary.at("stop")));
  }
}

TEST_CASE("every recorded call has arguments that are an object") {
  for (const Recording& one : ours()) {
    CAPTURE(one.id);
    const auto answer = read_any(one);
    if (!answer || one.broken) continue;
    for (const chat::Part& part : answer->parts) {
      const auto* call = std::get_if<chat::ToolCall>(&part);
      if (call == nullptr) continue;
      CHECK(json_of(call->arguments).is_object());
      CHECK_FALSE(call->id.empty());
    }
  }
}

TEST_CASE("every recorded stream, broken ones too, gives a legal stream or fails") {
  for (const Recording& one : ours()) {
    if (!one.stream) continue;
    CAPTURE(one.id);
    const auto events = read_stream(one.body);
    const bool ended = std::holds_alternative<chat::Ended>(events.back());
    const bool failed = std::holds_alternative<chat::Failed>(events.back());
    CHECK((ended || failed));
    CHECK(illegal(write_stream(events), ended) == "");
    if (ended) {
      const auto again = collect(read_stream(write_stream(events)));
      const auto once = collect(events);
      REQUIRE(again.has_value());
      // A text without text is no block.
      const auto said = std::count_if(once->parts.begin(), once->parts.end(), [](const auto& part) {
        const auto* text = std::get_if<chat::Text>(&part);
        return text == nullptr || !text->text.empty();
      });
      CHECK(again->parts.size() == static_cast<std::size_t>(said));
      CHECK(again->ending.usage.output == once->ending.usage.output);
      CHECK(again->ending.finish == once->ending.finish);
    }
  }
}

TEST_CASE("every recorded request is read, and written again it keeps its messages") {
  for (const Recording& one : ours()) {
    if (one.request.empty() || one.status != 200) continue;
    CAPTURE(one.id);
    const Json body = json_of(one.request);
    // A recorder's own test of another vendor's endpoint.
    if (!body.contains("max_tokens") || !body.contains("messages")) continue;
    const auto read = read_messages(one.request);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
    if (!read->own_only.empty()) continue;
    const Written written = write_messages(*read, "claude-opus-4-8");
    if (written.refused_param == "file_id") continue;
    CHECK(written.refused_message == "");
    CHECK(written.body.at("messages").size() <= body.at("messages").size());
  }
}
