#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/json.h"
#include "daemon/dialect/sse_event.h"
#include "tests/daemon/dialect/anthropic/legal_messages.h"
#include "tests/daemon/dialect/openai_responses/legal_responses.h"

namespace routerone::fuzz {

/// What a caller asked for, as far as the form of its stream depends on it.
struct Asked {
  bool usage = true;
  bool legacy_calls = false;
  bool as_array = false;
};

/// The data of each event; comments are left out.
inline std::vector<std::string> data_of(std::string_view stream) {
  std::vector<std::string> out;
  std::string joined;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n");
    const dialect::SseEvent event = dialect::read_event(stream.substr(0, end), joined);
    if (event.has_data) out.emplace_back(event.data);
    stream.remove_prefix(end == stream.npos ? stream.size() : end + 2);
  }
  return out;
}

/// Holds chunks of Chat Completions to the rules of its official readers.
class LegalChunks {
 public:
  explicit LegalChunks(const Asked& asked) : asked_(asked) {}

  std::string check(std::string_view stream, bool ended) {
    if (!stream.empty() && !stream.ends_with("\n\n")) return "an event is cut";
    for (const std::string& data : data_of(stream)) {
      if (over_) return "something after the end";
      if (data == "[DONE]") {
        over_ = true;
        if (!finished_) return "done without a finish reason";
        continue;
      }
      take(Json::parse(data, nullptr, false));
      if (!wrong_.empty()) return wrong_;
    }
    return ended && !over_ ? "it does not end" : std::string();
  }

 private:
  void require(bool good, const char* what) {
    if (!good && wrong_.empty()) wrong_ = what;
  }

  void take(const Json& chunk) {
    if (!chunk.is_object()) return require(false, "no JSON object");
    if (chunk.contains("error")) {
      over_ = true;
      return require(chunk["error"].value("message", "") != "", "an error without words");
    }
    require(chunk.value("object", "") == "chat.completion.chunk", "another object");
    require(chunk.contains("created") && chunk.contains("model"), "no creation or model");
    const std::string id = chunk.value("id", "");
    require(id.starts_with("chatcmpl-") && (id_.empty() || id == id_), "another id");
    id_ = id;
    if (!chunk.contains("choices") || !chunk["choices"].is_array()) {
      return require(false, "no choices");
    }
    if (chunk["choices"].empty()) return take_usage(chunk);
    require(!finished_, "a choice behind the finish reason");
    require(!asked_.usage || (chunk.contains("usage") && chunk["usage"].is_null()), "usage early");
    if (wrong_.empty()) take_choice(chunk["choices"][0]);
  }

  void take_usage(const Json& chunk) {
    require(finished_ && asked_.usage && !usage_, "usage that nobody waits for");
    usage_ = true;
    require(chunk.contains("usage") && chunk["usage"].is_object(), "no usage");
  }

  void take_choice(const Json& choice) {
    require(choice.value("index", -1) == 0 && choice.contains("delta"), "no first choice");
    if (!wrong_.empty()) return;
    const Json& delta = choice["delta"];
    require(delta.contains("role") == !std::exchange(begun_, true), "the role once, at the start");
    if (delta.contains("tool_calls")) {
      require(!asked_.legacy_calls, "calls in the other form");
      for (const Json& call : delta["tool_calls"]) take_call(call);
    }
    if (choice.contains("finish_reason") && !choice["finish_reason"].is_null()) {
      static const std::set<std::string> known = {"stop", "length", "tool_calls", "content_filter",
                                                  "function_call"};
      require(known.contains(choice["finish_reason"].get<std::string>()), "an unknown reason");
      finished_ = true;
    }
  }

  void take_call(const Json& call) {
    const std::size_t index = call.value("index", std::size_t{9999});
    require(index <= calls_.size(), "a gap in the calls");
    const bool fresh = index == calls_.size();
    require(call.contains("id") == fresh && call.contains("type") == fresh, "a call begins once");
    if (!fresh || !wrong_.empty()) return;
    const std::string type = call.value("type", "");
    require(type == "function" || type == "custom", "another kind of call");
    require(call.contains(type) && call[type].contains("name"), "a call without a name");
    require(calls_.insert(call.value("id", "")).second, "two calls of one id");
  }

  Asked asked_;
  std::string id_, wrong_;
  std::set<std::string> calls_;
  bool begun_ = false, finished_ = false, usage_ = false, over_ = false;
};

/// What is wrong with one object of a Gemini answer; empty: nothing.
inline std::string illegal_content(const Json& chunk, bool& over) {
  if (!chunk.is_object()) return "no JSON object";
  if (over) return "something after the end";
  if (chunk.contains("error")) {
    over = true;
    return chunk["error"].contains("status") ? "" : "an error without its status";
  }
  if (!chunk.contains("candidates") || chunk["candidates"].size() != 1) return "no candidate";
  const Json& candidate = chunk["candidates"][0];
  over = candidate.contains("finishReason");
  if (over && !candidate["finishReason"].is_string()) return "no finish reason";
  if (!candidate.contains("content")) return "no content";
  if (candidate["content"].value("role", "") != "model") return "not by the model";
  for (const Json& part : candidate["content"]["parts"]) {
    if (!part.is_object() || part.contains("text") == part.contains("functionCall")) {
      return "a part of no kind";
    }
    if (part.contains("functionCall") && !part["functionCall"]["args"].is_object()) {
      return "a call without its arguments";
    }
  }
  return "";
}

inline std::string illegal_contents(std::string_view stream, bool ended, bool as_array) {
  std::vector<Json> chunks;
  if (as_array) {
    const Json whole = Json::parse(stream, nullptr, false);
    if (ended && !whole.is_array()) return "no array";
    chunks.assign(whole.begin(), whole.end());
  } else {
    if (!stream.empty() && !stream.ends_with("\n\n")) return "an event is cut";
    for (const std::string& data : data_of(stream)) {
      chunks.push_back(Json::parse(data, nullptr, false));
    }
  }
  bool over = false;
  for (const Json& chunk : chunks) {
    if (std::string wrong = illegal_content(chunk, over); !wrong.empty()) return wrong;
  }
  return ended && !over ? "it does not end" : "";
}

/// What is wrong with a stream of a dialect; empty: nothing. `ended`: it must have come to its end.
inline std::string illegal_stream(std::string_view dialect, std::string_view stream, bool ended,
                                  const Asked& asked) {
  if (dialect == "anthropic") return messages_test::illegal(stream, ended);
  if (dialect == "openai-responses") return test::responses::illegal(stream, ended);
  if (dialect == "gemini") return illegal_contents(stream, ended, asked.as_array);
  return LegalChunks(asked).check(stream, ended);
}

}  // namespace routerone::fuzz
