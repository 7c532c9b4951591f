#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json/json.h"
#include "daemon/dialect/collector.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/sse_event.h"
#include "daemon/dialect/sse_framer.h"
#include "daemon/dialect/translation.h"

namespace routerone::test {

inline const dialect::Dialect& chat_dialect() { return *dialect::find("openai-chat"); }
inline const dialect::Translation& chat_translation() { return *chat_dialect().translation(); }

inline auto read_chat(std::string_view body) {
  const dialect::Operation& operation = chat_dialect().operations().front();
  return chat_translation().read_request(operation, operation.path, body);
}

/// A request that says hello, with `members` added; each of them begins with a comma.
inline std::string hello_and(std::string_view members) {
  return R"({"model":"m","messages":[{"role":"user","content":"Hello"}])" + std::string(members) +
         "}";
}

/// A request with these messages, and `members` as above.
inline std::string with_messages(std::string_view messages, std::string_view members = "") {
  return R"({"model":"m","messages":[)" + std::string(messages) + "]" + std::string(members) + "}";
}

/// A target that is some server; `gpt-5.6` and the like are known to the dialect by their names.
inline Target chat_target(std::string upstream_model = "some-model") {
  Target out;
  out.name = name_target({"", "", "", std::move(upstream_model)});
  return out;
}

inline Json parsed(std::string_view text) {
  auto json = parse_json(text);
  return json ? std::move(*json) : Json("not JSON: " + std::string(text));
}

/// What a request looks like on its way to the target; a refusal is a string of its message.
inline Json written_chat(const chat::Request& request, const Target& target) {
  const auto written = chat_translation().write_request(request, target);
  return written ? parsed(written->body) : Json(written.error().message);
}
/// The body that goes out for a body that came in.
inline Json chat_to_chat(std::string_view body, const Target& target = chat_target()) {
  const auto request = read_chat(body);
  return request ? written_chat(*request, target) : Json(request.error().message);
}

/// `data:` lines as they come, each chunk with the index, and so on, of the first choice's delta.
inline std::string delta_chunk(std::string_view delta, std::string_view finish = "null") {
  return R"({"id":"chatcmpl-up1","model":"up","choices":[{"index":0,"delta":)" +
         std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}";
}

/// The neutral events of these `data:` texts, and of the upstream's end behind them.
inline std::vector<chat::Event> read_events(const dialect::Translation& translation,
                                            const std::vector<std::string>& lines) {
  const auto reader = translation.read_events();
  std::vector<chat::Event> out;
  for (const std::string& line : lines) reader->read("", line, out);
  reader->end(out);
  return out;
}
inline std::vector<chat::Event> read_chunks(const std::vector<std::string>& lines) {
  return read_events(chat_translation(), lines);
}

inline tl::expected<chat::Answer, FailureClass> collected(const std::vector<chat::Event>& events) {
  dialect::Collector collector;
  for (const chat::Event& event : events) collector.take(event);
  return std::move(collector).answer();
}

/// The `data:` texts of a written stream.
inline std::vector<std::string> data_lines(std::string_view stream) {
  std::vector<std::string> out;
  std::string joined;
  std::size_t at = 0;
  while (at < stream.size()) {
    const std::size_t end = stream.find("\n\n", at);
    const std::string_view bytes = stream.substr(at, end - at);
    const dialect::SseEvent event = dialect::read_event(bytes, joined);
    if (event.has_data) out.emplace_back(event.data);
    if (end == std::string_view::npos) break;
    at = end + 2;
  }
  return out;
}

inline std::string write_stream(const std::vector<chat::Event>& events, const chat::Request& asked,
                                const dialect::AnswerFacts& facts = {"own", 1, "asked-model"}) {
  const auto writer = chat_translation().write_events(asked, facts);
  std::string out;
  for (const chat::Event& event : events) out += writer->write(event);
  return out;
}

template <class T>
const T& part(const std::vector<chat::Part>& parts, std::size_t index) {
  return std::get<T>(parts.at(index));
}

}  // namespace routerone::test
