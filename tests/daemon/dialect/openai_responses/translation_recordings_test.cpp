#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "../recordings.h"
#include "daemon/dialect/sse_framer.h"
#include "legal_responses.h"

using namespace routerone;
namespace responses = routerone::test::responses;

namespace {

struct Recording {
  std::string id, body, request;
  bool stream = false;
  int status = 200;
  Json summary;
};

std::vector<Recording> recorded_responses() {
  std::vector<Recording> out;
  const auto folder = test::recordings();
  for (const char* manifest : {"manifest.json", "parallel/manifest.json"}) {
    if (folder.empty()) break;
    for (const Json& entry : test::recorded(folder, manifest)) {
      if (entry.at("dialect") != "openai-responses") continue;
      Recording one;
      one.id = entry.at("id");
      one.body = test::read_recording(folder / test::text_of(entry, "file"));
      one.stream = entry.at("stream");
      one.status = entry.at("status");
      one.summary = entry.value("sdk_summary", Json());
      const std::string request = test::text_of(entry, "request_file");
      if (!request.empty()) one.request = test::read_recording(folder / request);
      out.push_back(std::move(one));
    }
  }
  if (out.empty()) MESSAGE("skipped: there are no recordings beside this checkout");
  return out;
}

tl::expected<chat::Answer, FailureClass> read_any(const Recording& one) {
  if (one.stream) return responses::collect(responses::read_stream(one.body));
  return responses::translation().read_answer(one.body);
}

std::string word_of_part(const chat::Part& part) {
  if (std::holds_alternative<chat::Text>(part)) return "message";
  if (std::holds_alternative<chat::Thinking>(part)) return "reasoning";
  const auto* call = std::get_if<chat::ToolCall>(&part);
  return call && call->freeform ? "custom_tool_call" : "function_call";
}

bool is_said(const std::string& item) {
  return item == "message" || item == "function_call" || item == "custom_tool_call";
}

/// The final response object of a recording; of several answers in one file, the first's.
Json final_response(const Recording& one) {
  if (!one.stream) return responses::json_of(one.body);
  Json out;
  for (const auto& each : responses::sse_events(one.body)) {
    if (each.data == "[DONE]") continue;
    const Json event = responses::json_of(each.data);
    if (event.contains("response")) out = event["response"];
    if (event.at("type") == "response.completed") break;
  }
  return out;
}

/// What the last event repeats: kinds of items that have something to say, and all text.
struct Said {
  std::vector<std::string> items;
  std::string text;
};
Said said_in(const Json& response) {
  Said out;
  for (const Json& item : response.at("output")) {
    const std::string type = item.value("type", "");
    std::string text;
    if (type == "message") {
      for (const Json& part : item.at("content")) text += part.value("text", "");
    }
    if (is_said(type) && (type != "message" || !text.empty())) out.items.push_back(type);
    out.text += text;
  }
  return out;
}

std::size_t characters(const std::string& text) {
  // As JavaScript counts: beyond the first 65,536 a character is two.
  std::size_t out = 0;
  for (const char c : text) {
    out += (c & 0xC0) == 0x80 ? 0 : (c & 0xF8) == 0xF0 ? 2 : 1;
  }
  return out;
}

/// Texts that follow each other are written as one.
chat::Answer with_texts_joined(chat::Answer answer) {
  std::vector<chat::Part> out;
  for (chat::Part& part : answer.parts) {
    const auto* text = std::get_if<chat::Text>(&part);
    auto* last = out.empty() ? nullptr : std::get_if<chat::Text>(&out.back());
    if (text && last && text->refusal == last->refusal) {
      last->text += text->text;
    } else {
      out.push_back(std::move(part));
    }
  }
  answer.parts = std::move(out);
  return answer;
}

/// Tools by namespace and name: one may be told in several places.
std::set<std::string> names_of(const std::vector<chat::Tool>& tools) {
  std::set<std::string> out;
  for (const chat::Tool& tool : tools) out.insert(tool.group + "/" + tool.name);
  return out;
}

}  // namespace

TEST_CASE("every recorded response is read with its content, its usage and its ending") {
  for (const Recording& one : recorded_responses()) {
    CAPTURE(one.id);
    const auto answer = read_any(one);
    if (one.status != 200) {
      CHECK_FALSE(answer.has_value());
      continue;
    }
    REQUIRE(answer.has_value());
    if (!one.summary.is_object() || !one.summary.contains("items")) continue;
    std::vector<std::string> found;
    std::string text;
    for (const chat::Part& part : answer->parts) {
      const std::string word = word_of_part(part);
      if (is_said(word)) found.push_back(word);
      if (const auto* said = std::get_if<chat::Text>(&part)) text += said->text;
    }
    const Said expected = said_in(final_response(one));
    CHECK(found == expected.items);
    CHECK(text == expected.text);
    // One summary was made without the text that came.
    const auto counted_text = one.summary.at("text").get<std::size_t>();
    if (counted_text != 0) CHECK(characters(text) == counted_text);
    const Json& usage = one.summary.at("usage");
    if (usage.is_object()) {
      const Usage& counted = answer->ending.usage;
      CHECK(counted.input.value_or(0) + counted.cache_read.value_or(0) +
                counted.cache_write_5m.value_or(0) ==
            usage.at("input_tokens").get<std::int64_t>());
      CHECK(counted.output == usage.at("output_tokens").get<std::int64_t>());
    }
    CHECK(one.summary.at("status") ==
          (answer->ending.finish == chat::Finish::length ? "incomplete" : "completed"));
  }
}

TEST_CASE("every recorded call comes with exactly the arguments that the last event repeats") {
  for (const Recording& one : recorded_responses()) {
    if (one.status != 200) continue;
    CAPTURE(one.id);
    const auto answer = read_any(one);
    REQUIRE(answer.has_value());
    std::vector<std::string> found, expected;
    for (const chat::Part& part : answer->parts) {
      const auto* call = std::get_if<chat::ToolCall>(&part);
      if (call) found.push_back(call->id + call->name + call->arguments);
    }
    const Json response = final_response(one);
    for (const Json& item : response.at("output")) {
      const std::string type = item.value("type", "");
      if (type != "function_call" && type != "custom_tool_call") continue;
      const char* name = type == "function_call" ? "arguments" : "input";
      expected.push_back(item.value("call_id", "") + item.value("name", "") + item.value(name, ""));
    }
    CHECK(found == expected);
  }
}

TEST_CASE("recorded state of thinking is kept as its end told it") {
  std::size_t states = 0;
  for (const Recording& one : recorded_responses()) {
    if (one.status != 200) continue;
    CAPTURE(one.id);
    const auto answer = read_any(one);
    std::vector<std::string> found, expected;
    for (const chat::Part& part : answer->parts) {
      const auto* thinking = std::get_if<chat::Thinking>(&part);
      if (!thinking || thinking->state.empty()) continue;
      const Json state = responses::json_of(thinking->state);
      if (state.contains("encrypted_content")) found.push_back(state["encrypted_content"]);
      CHECK_FALSE(state.contains("id"));
      CHECK_FALSE(state.contains("status"));
    }
    if (one.stream) {
      for (const auto& each : responses::of_type(one.body, "response.output_item.done")) {
        const Json item = each["item"];
        if (item.value("type", "") == "reasoning" && item.contains("encrypted_content") &&
            item["encrypted_content"].is_string()) {
          expected.push_back(item["encrypted_content"]);
        }
      }
      CHECK(found == expected);
    }
    states += found.size();
  }
  CHECK((states > 10 || test::recordings().empty()));
}

TEST_CASE("every recorded stream gives a legal stream that says the same") {
  for (const Recording& one : recorded_responses()) {
    if (!one.stream) continue;
    CAPTURE(one.id);
    const auto events = responses::read_stream(one.body);
    const std::string written = responses::write_stream(events);
    const bool ended = std::holds_alternative<chat::Ended>(events.back());
    CHECK(responses::illegal(written, ended) == "");
    if (!ended) continue;
    const auto once = responses::collect(events);
    const auto again = responses::collect(responses::read_stream(written));
    REQUIRE(again.has_value());
    CHECK(responses::words_of(*again) == responses::words_of(with_texts_joined(*once)));
    CHECK(again->ending.finish == once->ending.finish);
    CHECK(again->ending.usage.output == once->ending.usage.output);
  }
}

TEST_CASE("every recorded whole response, written and read again, says the same") {
  for (const Recording& one : recorded_responses()) {
    if (one.stream || one.status != 200) continue;
    CAPTURE(one.id);
    const auto once = read_any(one);
    const auto again = responses::translation().read_answer(
        responses::translation().write_answer(*once, {}, responses::facts));
    REQUIRE(again.has_value());
    CHECK(responses::words_of(*again) == responses::words_of(*once));
    CHECK(again->ending.finish == once->ending.finish);
  }
}

TEST_CASE("every recorded request is read, and written again it keeps its items") {
  for (const Recording& one : recorded_responses()) {
    if (one.request.empty() || one.status != 200) continue;
    CAPTURE(one.id);
    const Json body = responses::json_of(one.request);
    if (!body.contains("input")) continue;
    const auto request = responses::try_read(one.request);
    REQUIRE_MESSAGE(request.has_value(), (request ? "" : request.error().message));
    if (!request->own_only.empty()) continue;
    const responses::Written written = responses::write(*request, "gpt-6");
    CHECK(written.refused_message == "");
    const auto again = responses::try_read(written.text);
    REQUIRE(again.has_value());
    CHECK(again->turns.size() <= request->turns.size() + 1);
    CHECK(names_of(again->tools) == names_of(request->tools));
  }
}
