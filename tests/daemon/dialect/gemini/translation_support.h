#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/dialect/gemini/translation.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/sse_event.h"
#include "daemon/dialect/sse_framer.h"
#include "daemon/dialect/translation.h"
#include "tests/daemon/dialect/neutral_parts.h"

namespace routerone::gemini_test {

using namespace routerone::test::neutral;

inline const dialect::Dialect& gemini() { return *dialect::find("gemini"); }
inline const dialect::Translation& translation() { return dialect::gemini::content_translation(); }

inline auto read_request(std::string_view body, std::size_t operation = 0) {
  const dialect::Operation& known = gemini().operations()[operation];
  std::string path(known.path);
  path.replace(path.find("{model}"), 7, "m");
  return translation().read_request(known, path, body);
}

/// A request of one user's turn, to which `members` are added.
inline std::string body_with(std::string_view members) {
  return R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}])" +
         std::string(members.empty() ? "" : ",") + std::string(members) + "}";
}

/// The field that is refused; empty: none.
inline std::string refused(std::string_view body) {
  const auto read = read_request(body);
  return read ? "" : read.error().param;
}

struct Written {
  Json body;
  std::vector<std::string> dropped;
  std::string refused_param, refused_message;
  std::string path;
  std::vector<dialect::WrittenRequest::Renamed> renamed;
};

inline Written write_request(const chat::Request& request,
                             std::string model = "gemini-3-flash-preview") {
  const Target target = target_of(std::move(model));
  const auto written = translation().write_request(request, target);
  if (!written) return {{}, {}, written.error().param, written.error().message, {}, {}};
  return {json_of(written->body), written->dropped, {}, {}, written->path, written->renamed};
}

inline chat::Text text_part(std::string text) { return {std::move(text), false, {}, {}}; }
inline chat::Turn user_says(std::string text) {
  return turn_of(chat::Role::user, {text_part(std::move(text))});
}
inline chat::Media image_part() {
  chat::Media out;
  out.media_type = "image/png";
  out.data = "iVBORw0KGgo=";
  return out;
}
inline chat::Tool tool_of(std::string name, std::string schema = R"({"type":"object"})") {
  chat::Tool out;
  out.name = std::move(name);
  out.schema = std::move(schema);
  return out;
}
inline chat::Request request_of(std::vector<chat::Turn> turns) {
  chat::Request out;
  out.model = "m";
  out.turns = std::move(turns);
  return out;
}

/// The events of a stream's text; its clean end included.
inline std::vector<chat::Event> read_stream(std::string_view text,
                                            const dialect::Translation& from = translation()) {
  const auto reader = from.read_events();
  dialect::SseFramer framer;
  std::string joined;
  std::vector<chat::Event> out;
  const auto take = [&](std::string_view bytes) {
    const auto event = dialect::read_event(bytes, joined);
    if (event.has_data && !reader->done()) reader->read(event.name, event.data, out);
  };
  framer.push(text);
  std::string whole;  // of an event longer than the framer holds
  while (const auto piece = framer.next()) {
    whole += piece->bytes;
    using Kind = dialect::SseFramer::Piece::Kind;
    if (piece->kind != Kind::event && piece->kind != Kind::long_end) continue;
    take(whole);
    whole.clear();
  }
  take(framer.rest());
  if (!reader->done()) reader->end(out);
  return out;
}

inline const dialect::AnswerFacts facts{"own-1", 1'795'000'000, "r1/model"};

inline std::string write_stream(const std::vector<chat::Event>& events,
                                const chat::Request& asked = {}) {
  const auto writer = translation().write_events(asked, facts);
  std::string out;
  for (const chat::Event& event : events) {
    if (!std::holds_alternative<chat::Failed>(event)) out += writer->write(event);
  }
  return out;
}

/// The response objects of a written stream.
inline Json objects_of(std::string_view stream) {
  Json out = Json::array();
  dialect::SseFramer framer;
  std::string joined;
  framer.push(stream);
  while (const auto piece = framer.next()) {
    const auto event = dialect::read_event(piece->bytes, joined);
    if (event.has_data) out.push_back(json_of(event.data));
  }
  return out;
}

}  // namespace routerone::gemini_test
