#pragma once

#include <set>
#include <string>

#include "tests/daemon/dialect/openai_chat/translation_support.h"

namespace routerone::test {

/// What is wrong with a stream of Chat Completions, by the rules that its official readers hold it
/// to; empty: nothing. `ended`: it must have come to its end.
inline std::string illegal_chat(std::string_view stream, bool ended) {
  if (!stream.empty() && !stream.ends_with("\n\n")) return "an event is cut";
  std::string id;
  std::set<int> calls;
  bool role = false, finished = false, failed = false, over = false;
  for (const std::string& data : data_lines(stream)) {
    if (over || failed) return "something behind the end";
    if (data == "[DONE]") {
      over = true;
      continue;
    }
    const Json chunk = parsed(data);
    if (!chunk.is_object()) return "no JSON: " + data;
    if (chunk.contains("error")) {
      failed = true;
      continue;
    }
    if (!id.empty() && chunk.value("id", "") != id) return "another id";
    id = chunk.value("id", "");
    if (!id.starts_with("chatcmpl-")) return "no id";
    if (chunk.at("choices").empty()) {
      if (!finished || !chunk.at("usage").is_object()) return "a chunk without a choice";
      continue;
    }
    const Json& choice = chunk["choices"][0];
    if (finished) return "a choice behind the finish reason";
    if (choice.value("index", -1) != 0 || chunk["choices"].size() != 1) return "another choice";
    if (!role && choice.at("delta").value("role", "") != "assistant") return "no role at first";
    role = true;
    for (const Json& call : choice["delta"].value("tool_calls", Json::array())) {
      const int index = call.value("index", -1);
      if (!calls.contains(index)) {
        if (index != static_cast<int>(calls.size())) return "a gap in the calls";
        if (call.value("id", "").empty() || call.at("function").value("name", "").empty()) {
          return "a call that begins without id or name";
        }
        calls.insert(index);
      } else if (call.contains("id") && !call["id"].is_null()) {
        return "a call that begins twice";
      }
    }
    finished = choice.at("finish_reason").is_string();
  }
  if (ended && !(over && finished)) return "it does not end";
  return {};
}

}  // namespace routerone::test
