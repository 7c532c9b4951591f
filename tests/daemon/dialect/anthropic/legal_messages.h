#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "translation_support.h"

namespace routerone::messages_test {

/// What is wrong with a Messages stream, by the rules that its official readers hold it to; empty:
/// nothing. `ended`: it must have come to its end.
inline std::string illegal(std::string_view stream, bool ended) {
  static const std::map<std::string, std::set<std::string>> deltas = {
      {"text", {"text_delta", "citations_delta"}},
      {"thinking", {"thinking_delta", "signature_delta"}},
      {"tool_use", {"input_json_delta"}}};
  bool started = false, delta_seen = false, stopped = false, failed = false;
  std::string open;
  std::size_t blocks = 0, texts = 0;
  if (!stream.empty() && !stream.ends_with("\n\n")) return "an event is cut";
  for (const SseLine& each : sse_events(stream)) {
    const Json data = json_of(each.data);
    if (!data.is_object()) return "no JSON: " + each.data;
    if (data.value("type", "") != each.name) return "the event's two names differ";
    if (each.name == "ping") continue;
    if (stopped || failed) return "something after the end: " + each.name;
    if (each.name == "error") {
      failed = true;
      continue;
    }
    if (each.name == "message_start") {
      if (started) return "a second start";
      started = true;
      if (!data["message"].contains("usage")) return "no usage at the start";
      continue;
    }
    if (!started) return each.name + " before the start";
    if (each.name == "content_block_start") {
      if (!open.empty()) return "two blocks open";
      if (delta_seen) return "a block after message_delta";
      if (data["index"] != blocks) return "a gap in the indices";
      ++blocks;
      open = data["content_block"].value("type", "");
      texts = 0;
    } else if (each.name == "content_block_delta") {
      if (open.empty() || data["index"] != blocks - 1) return "a delta without its block";
      const auto kind = deltas.find(open);
      if (kind == deltas.end()) return "a delta in a " + open;
      if (!kind->second.contains(data["delta"].value("type", ""))) return "a delta of another type";
      ++texts;
    } else if (each.name == "content_block_stop") {
      if (open.empty() || data["index"] != blocks - 1) return "a stop without its block";
      if (open != "tool_use" && texts == 0) return "an empty " + open;
      open.clear();
    } else if (each.name == "message_delta") {
      if (delta_seen) return "two message_deltas";
      if (!open.empty()) return "message_delta in a block";
      if (!data["delta"]["stop_reason"].is_string()) return "no stop_reason";
      if (!data["usage"]["output_tokens"].is_number()) return "no usage";
      delta_seen = true;
    } else if (each.name == "message_stop") {
      if (!delta_seen) return "stopped without message_delta";
      stopped = true;
    } else {
      return "an unknown event: " + each.name;
    }
  }
  if (ended && !stopped && !failed) return "it does not end";
  return {};
}

}  // namespace routerone::messages_test
