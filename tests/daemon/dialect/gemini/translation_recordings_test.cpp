#include <doctest/doctest.h>

#include "daemon/dialect/translating_scanner.h"
#include "tests/daemon/dialect/anthropic/legal_messages.h"
#include "tests/daemon/dialect/gemini/legal_chunks.h"
#include "tests/daemon/dialect/gemini/recorded.h"
#include "tests/daemon/dialect/openai_chat/legal_chat.h"
#include "tests/daemon/dialect/openai_responses/legal_responses.h"
#include "tests/daemon/dialect/scan_support.h"

using namespace routerone;
using namespace routerone::gemini_test;

namespace {

/// The official readers' rules of each dialect; empty: all are kept.
std::string illegal_in(std::string_view dialect, std::string_view stream, bool ended) {
  if (dialect == "anthropic") return messages_test::illegal(stream, ended);
  if (dialect == "openai-responses") return test::responses::illegal(stream, ended);
  if (dialect == "openai-chat") return test::illegal_chat(stream, ended);
  return illegal(stream, ended);
}

constexpr const char* dialects[] = {"openai-chat", "openai-responses", "anthropic", "gemini"};

std::vector<Recording> ours() {
  std::vector<Recording> out = recorded_of("gemini");
  if (out.empty()) MESSAGE("skipped: there are no recordings beside this checkout");
  return out;
}

const dialect::Operation& generation(const dialect::Dialect& dialect) {
  return dialect.operations().front();
}

/// What a caller of `to` gets of a recorded stream, cut at places that follow from `seed`.
test::Scanned relayed(const Recording& one, std::string_view to, const chat::Request& asked,
                      std::uint64_t seed) {
  const dialect::Dialect& from = *dialect::find(one.dialect);
  const dialect::WrittenRequest written;
  dialect::TranslatingScanner scanner(
      from.scan_stream(generation(from), true), from.translation()->read_events(),
      dialect::find(to)->translation()->write_events(asked, facts), written, 7);
  return test::scan(scanner, test::cut(one.body, seed));
}

tl::expected<chat::Answer, FailureClass> read_any(const Recording& one) {
  const dialect::Translation& from = *dialect::find(one.dialect)->translation();
  return one.stream ? collect(read_stream(one.body, from)) : from.read_answer(one.body);
}

/// Of a caller that wants to see everything.
chat::Request curious() {
  chat::Request asked;
  asked.stream = true;
  asked.reasoning.visible = true;
  return asked;
}

std::int64_t number(const Json& usage, const char* name) { return usage.value(name, 0); }

std::int64_t output_of(const chat::Answer& answer) {
  return answer.ending.usage.output.value_or(0);
}

std::string finish_of(const chat::Answer& answer) {
  return json_of(translation().write_answer(answer, {}, facts))["candidates"][0]["finishReason"];
}

/// Each dialect has its own place for why there is no answer.
bool tells_refusal(const chat::Answer& answer) {
  const chat::Finish finish = answer.ending.finish;
  return finish == chat::Finish::refusal || finish == chat::Finish::content_filter ||
         std::any_of(answer.parts.begin(), answer.parts.end(), [](const chat::Part& part) {
           const auto* text = std::get_if<chat::Text>(&part);
           return text != nullptr && text->refusal;
         });
}

/// Runs code, or gives arguments piece by piece: more than the plain retelling knows.
bool is_special(const Recording& one) {
  return one.body.find("executableCode") != std::string::npos ||
         one.body.find("partialArgs") != std::string::npos ||
         one.body.find("inlineData") != std::string::npos;
}

/// The reason an answer of the model that failed at it ends for.
bool failed_at_it(const Recording& one) {
  const std::string finish = one.summary.is_object() ? test::text_of(one.summary, "finish") : "";
  return finish == "UNEXPECTED_TOOL_CALL" || finish == "MALFORMED_FUNCTION_CALL";
}

}  // namespace

TEST_CASE("every recorded answer is read with its content, its usage and its ending") {
  for (const Recording& one : ours()) {
    CAPTURE(one.id);
    const auto answer = read_any(one);
    if (one.status != 200 || failed_at_it(one)) {
      CHECK_FALSE(answer.has_value());
      continue;
    }
    REQUIRE(answer.has_value());
    if (!is_special(one)) CHECK(content_of(*answer) == raw_content(chunks_of(one)));
    if (!one.summary.is_object() || !one.summary["usage"].is_object()) continue;
    CHECK(finish_of(*answer) == one.summary.at("finish"));
    const Json& usage = one.summary.at("usage");
    const Usage& got = answer->ending.usage;
    CHECK(got.input.value_or(0) + got.cache_read.value_or(0) + got.input_audio.value_or(0) +
              got.input_image.value_or(0) ==
          number(usage, "promptTokenCount") + number(usage, "toolUsePromptTokenCount"));
    CHECK(got.cache_read.value_or(0) == number(usage, "cachedContentTokenCount"));
    CHECK(got.reasoning.value_or(0) == number(usage, "thoughtsTokenCount"));
    CHECK(got.output.value_or(0) ==
          number(usage, "candidatesTokenCount") + number(usage, "thoughtsTokenCount"));
  }
}

TEST_CASE("every recorded stream comes out legal and whole in each dialect, however it is cut") {
  const chat::Request asked = curious();
  for (const Recording& one : ours()) {
    if (!one.stream) continue;
    const auto once = read_any(one);
    REQUIRE(once.has_value());
    for (const std::string_view to : dialects) {
      for (std::uint64_t seed = 0; seed < 12; ++seed) {
        CAPTURE(one.id);
        CAPTURE(to);
        CAPTURE(seed);
        const test::Scanned got = relayed(one, to, asked, seed);
        REQUIRE(illegal_in(to, got.forwarded, true) == "");
        const auto again = collect(read_stream(got.forwarded, *dialect::find(to)->translation()));
        REQUIRE(again.has_value());
        const Content said = content_of(*again), due = content_of(*once);
        CHECK(said.text == due.text);
        CHECK(said.thoughts == due.thoughts);
        CHECK(said.calls == due.calls);
        CHECK(again->ending.finish == once->ending.finish);
        CHECK(output_of(*again) == output_of(*once));
        CHECK(again->ending.usage.reasoning.value_or(0) ==
              once->ending.usage.reasoning.value_or(0));
        CHECK(again->ending.usage.cache_read.value_or(0) ==
              once->ending.usage.cache_read.value_or(0));
      }
    }
  }
}

TEST_CASE("every recorded whole answer, written in each dialect and read again, says the same") {
  for (const Recording& one : ours()) {
    if (one.stream || one.status != 200 || failed_at_it(one)) continue;
    CAPTURE(one.id);
    const auto once = read_any(one);
    for (const std::string_view to : dialects) {
      CAPTURE(to);
      const dialect::Translation& other = *dialect::find(to)->translation();
      const auto again = other.read_answer(other.write_answer(*once, curious(), facts));
      REQUIRE(again.has_value());
      CHECK(output_of(*again) == output_of(*once));
      if (tells_refusal(*once)) {
        CHECK(tells_refusal(*again));
        continue;
      }
      const Content said = content_of(*again), due = content_of(*once);
      CHECK(said.text == due.text);
      CHECK(said.thoughts == due.thoughts);
      CHECK(said.calls == due.calls);
      CHECK(again->ending.finish == once->ending.finish);
    }
  }
}

TEST_CASE("recorded streams of every dialect come out legal for this one's callers") {
  const chat::Request events = curious();
  chat::Request array = curious();
  array.as_array = true;
  std::size_t streams = 0;
  for (const Recording& one : recorded_of("")) {
    if (!one.stream || one.status != 200 || one.dialect == "gemini") continue;
    CAPTURE(one.id);
    const test::Scanned got = relayed(one, "gemini", events, 1);
    const bool ended = got.error == FailureClass::none;
    // Before anything was said, a failure is an answer of its own, which the relay writes.
    if (!ended && !got.content) continue;
    CHECK(illegal(got.forwarded, ended) == "");
    CHECK(illegal_array(relayed(one, "gemini", array, 2).forwarded, ended) == "");
    ++streams;
  }
  CHECK((streams > 100 || test::recordings().empty()));
}

TEST_CASE("every recorded request is read, and each dialect can be asked it or says what not") {
  std::size_t written = 0;
  for (const Recording& one : ours()) {
    if (one.request.empty() || one.status != 200) continue;
    CAPTURE(one.id);
    const auto read = read_request(one.request);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
    for (const std::string_view to : dialects) {
      CAPTURE(to);
      const auto out =
          dialect::find(to)->translation()->write_request(*read, target_of("claude-opus-4-6"));
      if (out) {
        CHECK(json_of(out->body).is_object());
        ++written;
      } else {
        CHECK_FALSE(out.error().param.empty());
      }
    }
  }
  CHECK((written > 100 || test::recordings().empty()));
}
