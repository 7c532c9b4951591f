#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/daemon/dialect/gemini/translation_support.h"
#include "tests/daemon/dialect/recordings.h"

namespace routerone::gemini_test {

struct Recording {
  std::string id, dialect, body, request, path;
  bool stream = false, broken = false;
  int status = 200;
  Json summary;
};

/// Recorded traffic of one dialect; of an empty name: of all of them.
inline std::vector<Recording> recorded_of(std::string_view dialect) {
  std::vector<Recording> out;
  const auto folder = test::recordings();
  for (const char* manifest : {"manifest.json", "parallel/manifest.json"}) {
    if (folder.empty()) break;
    for (const Json& entry : test::recorded(folder, manifest)) {
      Recording one;
      one.dialect = entry.at("dialect");
      if (!dialect.empty() && one.dialect != dialect) continue;
      one.id = entry.at("id");
      one.body = test::read_recording(folder / test::text_of(entry, "file"));
      const std::string request = test::text_of(entry, "request_file");
      if (!request.empty()) one.request = test::read_recording(folder / request);
      one.path = test::text_of(entry, "url_path");
      one.stream = entry.at("stream");
      one.broken = entry.contains("malformed");
      one.status = entry.at("status");
      one.summary = entry.value("sdk_summary", Json());
      out.push_back(std::move(one));
    }
  }
  return out;
}

/// What an answer says, without how it is cut: what has to be the same in every dialect.
struct Content {
  std::string text, thoughts;
  std::vector<std::pair<std::string, Json>> calls;
  std::vector<std::string> signatures;  ///< Of calls.

  bool operator==(const Content&) const = default;
};

inline Content content_of(const chat::Answer& answer) {
  Content out;
  for (const chat::Part& part : answer.parts) {
    if (const auto* text = std::get_if<chat::Text>(&part)) {
      out.text += text->text;
    } else if (const auto* thought = std::get_if<chat::Thinking>(&part)) {
      out.thoughts += thought->text;
    } else if (const auto* call = std::get_if<chat::ToolCall>(&part)) {
      out.calls.emplace_back(call->name, json_of(call->arguments));
      out.signatures.push_back(call->signature);
    }
  }
  return out;
}

/// The response objects of a recorded answer.
inline std::vector<Json> chunks_of(const Recording& one) {
  if (!one.stream) return {json_of(one.body)};
  std::string plain;
  std::copy_if(one.body.begin(), one.body.end(), std::back_inserter(plain),
               [](char c) { return c != '\r'; });
  const Json objects = objects_of(plain + "\n\n");
  return {objects.begin(), objects.end()};
}

/// The content of recorded chunks, read here by other means than the reader's. Arguments that came
/// in pieces, and code that ran, are not retold.
inline Content raw_content(const std::vector<Json>& chunks) {
  Content out;
  for (const Json& chunk : chunks) {
    const Json candidates = chunk.value("candidates", Json::array());
    if (candidates.empty()) continue;
    const Json content = candidates[0].value("content", Json::object());
    for (const Json& part : content.value("parts", Json::array())) {
      (part.value("thought", false) ? out.thoughts : out.text) += part.value("text", "");
      if (!part.contains("functionCall") || !part["functionCall"].contains("name")) continue;
      const Json& call = part["functionCall"];
      out.calls.emplace_back(call["name"], call.value("args", Json::object()));
      out.signatures.push_back(part.value("thoughtSignature", ""));
    }
  }
  return out;
}

}  // namespace routerone::gemini_test
