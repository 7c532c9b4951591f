#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/dialect/registry.h"
#include "daemon/dialect/sse_event.h"
#include "daemon/dialect/translation.h"
#include "tests/daemon/dialect/neutral_parts.h"

namespace routerone::test::responses {

using namespace routerone::test::neutral;

inline const dialect::Dialect& ours() { return *dialect::find("openai-responses"); }
inline const dialect::Translation& translation() { return *ours().translation(); }

// --- Requests ---

inline auto try_read(std::string_view body) {
  return translation().read_request(ours().operations().front(), "", body);
}

/// A request of which it is known that it can be read. `members` stand behind a model and an input,
/// unless they have an input themselves.
inline chat::Request read(std::string_view members) {
  const bool has_input = members.find("\"input\":") != std::string_view::npos;
  std::string body = has_input ? R"({"model":"m")" : R"({"model":"m","input":"hi")";
  if (!members.empty()) body += "," + std::string(members);
  auto out = try_read(body + "}");
  if (!out) std::abort();
  return std::move(*out);
}

inline chat::Request read_items(std::string_view items) {
  return read(R"("input":[)" + std::string(items) + "]");
}

/// The field that a request is refused for; empty: it is not.
inline std::string refused_for(std::string_view body) {
  const auto out = try_read(body);
  return out ? std::string() : out.error().param;
}

struct Written {
  Json body;
  std::string text;
  std::vector<std::string> dropped;
  std::string path, refused_param, refused_message;
};

inline Written write(const chat::Request& request, std::string model = "gpt-6") {
  const Target target = target_of(std::move(model));
  const auto written = translation().write_request(request, target);
  if (!written) return {{}, {}, {}, {}, written.error().param, written.error().message};
  return {json_of(written->body), written->body, written->dropped, written->path, {}, {}};
}

inline chat::Text text_part(std::string text, bool refusal = false) {
  return chat::Text{std::move(text), refusal, {}, {}};
}
inline chat::Request simple_request() {
  chat::Request out;
  out.model = "m";
  out.turns.push_back(turn_of(chat::Role::user, {text_part("hi")}));
  return out;
}
inline chat::Thinking own_thinking(std::string text, std::string encrypted) {
  chat::Thinking out;
  out.text = std::move(text);
  out.origin = "openai-responses";
  out.state = R"({"type":"reasoning","summary":[],"encrypted_content":")" + encrypted + "\"}";
  return out;
}

// --- Streams ---

struct SseLine {
  std::string name, data;
};
inline std::vector<SseLine> sse_events(std::string_view stream) {
  std::vector<SseLine> out;
  std::string plain, joined;
  for (const char c : stream) {
    if (c != '\r') plain += c;
  }
  stream = plain;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n");
    const dialect::SseEvent event = dialect::read_event(stream.substr(0, end), joined);
    stream.remove_prefix(end == stream.npos ? stream.size() : end + 2);
    if (event.has_data) out.push_back({std::string(event.name), std::string(event.data)});
  }
  return out;
}

/// The neutral events of a whole stream, its end included.
inline std::vector<chat::Event> read_stream(std::string_view stream) {
  const auto reader = translation().read_events();
  std::vector<chat::Event> out;
  for (const SseLine& each : sse_events(stream)) reader->read(each.name, each.data, out);
  if (!reader->done()) reader->end(out);
  return out;
}

/// A stream of events that are only their data.
inline std::string stream_of(const std::vector<std::string>& events) {
  std::string out;
  for (const std::string& each : events) out += "data: " + each + "\n\n";
  return out;
}

inline const dialect::AnswerFacts facts = {"req_r1_1", 1'795'000'000, "r1/model"};

inline std::string write_stream(const std::vector<chat::Event>& events,
                                const chat::Request& asked = {}) {
  const auto writer = translation().write_events(asked, facts);
  std::string out;
  for (const chat::Event& each : events) out += writer->write(each);
  return out;
}

/// The data of the events of one type, in order.
inline std::vector<Json> of_type(std::string_view stream, std::string_view type) {
  std::vector<Json> out;
  for (const SseLine& each : sse_events(stream)) {
    if (each.name == type) out.push_back(json_of(each.data));
  }
  return out;
}

inline std::string types_of(std::string_view stream) {
  std::string out;
  for (const SseLine& each : sse_events(stream)) {
    std::string_view name = each.name;
    if (name.starts_with("response.")) name.remove_prefix(9);
    out += (out.empty() ? "" : " ") + std::string(name);
  }
  return out;
}

/// Answers in few letters: `text(..) refusal(..) thinking(..) call(name arguments)`.
inline std::string words_of(const chat::Answer& answer) {
  std::string out;
  for (const chat::Part& part : answer.parts) {
    if (!out.empty()) out += ' ';
    if (const auto* text = std::get_if<chat::Text>(&part)) {
      out += (text->refusal ? "refusal(" : "text(") + text->text + ")";
    } else if (const auto* thinking = std::get_if<chat::Thinking>(&part)) {
      out += "thinking(" + thinking->text + ")";
    } else if (const auto* call = std::get_if<chat::ToolCall>(&part)) {
      out += (call->freeform ? "freeform(" : "call(") + call->name + " " + call->arguments + ")";
    }
  }
  return out;
}

}  // namespace routerone::test::responses
