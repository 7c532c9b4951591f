#pragma once

#include <string>

#include "tests/daemon/dialect/gemini/translation_support.h"

namespace routerone::gemini_test {

/// Holds response objects to what the readers of this dialect hold them to.
class LegalChunks {
 public:
  /// What is wrong; empty: nothing.
  std::string check(const Json& objects, bool ended) {
    for (const Json& each : objects) take(each);
    if (wrong_.empty() && ended != finished_) wrong_ = "it does not end as it should";
    return wrong_;
  }

 private:
  void require(bool good, const std::string& what) {
    if (!good && wrong_.empty()) wrong_ = what;
  }

  void take(const Json& object) {
    require(object.is_object(), "no object: " + object.dump());
    require(!finished_ && !failed_, "something behind the end");
    if (!wrong_.empty()) return;
    if (object.contains("error")) return fail(object["error"]);
    require(object.value("modelVersion", "") == facts.model, "another model");
    const std::string id = object.value("responseId", "");
    require(!id.empty() && (id_.empty() || id == id_), "another id");
    id_ = id;
    require(object.contains("candidates") && object["candidates"].size() == 1, "no candidate");
    if (wrong_.empty()) candidate(object["candidates"][0]);
    if (object.contains("usageMetadata")) usage(object["usageMetadata"]);
  }

  void fail(const Json& error) {
    failed_ = true;
    require(error.value("code", 0) >= 400 && !error.value("status", "").empty(),
            "no error's words");
  }

  void candidate(const Json& candidate) {
    require(candidate.value("index", -1) == 0, "another candidate");
    const Json content = candidate.value("content", Json::object());
    require(content.value("role", "") == "model", "another role");
    require(content.contains("parts") && content["parts"].is_array(), "no parts");
    if (!wrong_.empty()) return;
    const bool last = candidate.contains("finishReason");
    for (const Json& part : content["parts"]) this->part(part, last);
    finished_ = last;
  }

  void part(const Json& part, bool last) {
    const bool call = part.contains("functionCall");
    require(call != part.contains("text"), "a part of no kind or of two");
    if (call) {
      const Json& said = part["functionCall"];
      require(!said.value("name", "").empty(), "a call without a name");
      require(said.contains("args") && said["args"].is_object(), "arguments that are no object");
    } else {
      const bool says = part["text"].is_string() && !part["text"].get<std::string>().empty();
      require(says || last || part.contains("thoughtSignature"), "an empty text");
    }
  }

  void usage(const Json& usage) {
    for (const auto& [name, value] : usage.items()) {
      require(value.is_number_integer() && value >= 0, "usage." + name);
    }
    require(usage.contains("totalTokenCount"), "no total");
  }

  std::string wrong_, id_;
  bool finished_ = false, failed_ = false;
};

/// What is wrong with a stream of events that only have data; empty: nothing.
inline std::string illegal(std::string_view stream, bool ended) {
  if (!stream.empty() && !stream.ends_with("\n\n")) return "an event is cut";
  for (std::size_t at = 0; at < stream.size(); at = stream.find("\n\n", at) + 2) {
    if (!stream.substr(at).starts_with("data: ")) return "an event that its readers skip";
  }
  return LegalChunks().check(objects_of(stream), ended);
}

/// The same of a stream that is one JSON array.
inline std::string illegal_array(std::string_view text, bool ended) {
  const Json objects = json_of(text);
  return objects.is_array() ? LegalChunks().check(objects, ended) : "no array";
}

}  // namespace routerone::gemini_test
