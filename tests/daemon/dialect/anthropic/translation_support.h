#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/dialect/registry.h"
#include "daemon/dialect/sse_event.h"
#include "daemon/dialect/sse_framer.h"
#include "daemon/dialect/translation.h"
#include "tests/daemon/dialect/neutral_parts.h"

namespace routerone::messages_test {

using namespace routerone::test::neutral;

inline const dialect::Dialect& messages() { return *dialect::find("anthropic"); }
inline const dialect::Translation& messages_translation() { return *messages().translation(); }

inline const dialect::Operation& messages_operation(std::string_view name = "messages") {
  for (const dialect::Operation& each : messages().operations()) {
    if (each.name == name) return each;
  }
  std::abort();
}

inline auto read_messages(std::string_view body, std::string_view operation = "messages") {
  return messages_translation().read_request(messages_operation(operation), "", body);
}

/// A request of one user's turn, to which `members` are added.
inline std::string messages_body(std::string_view members) {
  return R"({"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}])" +
         std::string(members.empty() ? "" : ",") + std::string(members) + "}";
}

struct Written {
  Json body;
  std::vector<std::string> dropped;
  std::string refused_param, refused_message;
  std::string path;
};

inline Written write_messages(const chat::Request& request, std::string model = "claude-opus-4-6") {
  const Target target = target_of(std::move(model));
  const auto written = messages_translation().write_request(request, target);
  if (!written) return {{}, {}, written.error().param, written.error().message, {}};
  return {json_of(written->body), written->dropped, {}, {}, written->path};
}

inline chat::Text text_part(std::string text, chat::CacheMark mark = chat::CacheMark::none) {
  return chat::Text{std::move(text), false, mark, {}};
}
inline chat::Turn user_says(std::string text) {
  return turn_of(chat::Role::user, {text_part(std::move(text))});
}
inline chat::Request simple_request(std::string text = "hi") {
  chat::Request out;
  out.model = "m";
  out.turns.push_back(user_says(std::move(text)));
  return out;
}

// --- Streams ---

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct SseLine {
  std::string name, data;
};
inline std::vector<SseLine> sse_events(std::string_view stream) {
  std::vector<SseLine> out;
  std::string joined;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n");
    const std::string_view one = stream.substr(0, end);
    stream.remove_prefix(end == stream.npos ? stream.size() : end + 2);
    const dialect::SseEvent event = dialect::read_event(one, joined);
    if (event.has_data) out.push_back({std::string(event.name), std::string(event.data)});
  }
  return out;
}

/// The neutral events of a whole stream, its end included.
inline std::vector<chat::Event> read_stream(std::string_view stream) {
  const auto reader = messages_translation().read_events();
  std::vector<chat::Event> out;
  for (const SseLine& each : sse_events(stream)) reader->read(each.name, each.data, out);
  if (!reader->done()) reader->end(out);
  return out;
}

inline const dialect::AnswerFacts facts = {"req_r1_1", 0, "r1/model"};

inline std::string write_stream(const std::vector<chat::Event>& events) {
  const chat::Request asked;
  const auto writer = messages_translation().write_events(asked, facts);
  std::string out;
  for (const chat::Event& each : events) out += writer->write(each);
  return out;
}

}  // namespace routerone::messages_test
