#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "common/json/json.h"
#include "daemon/exchange/usage.h"

namespace routerone::test {

/// Usage objects of dialects that no caller of ours speaks yet, as disjoint counts. Rule:
/// catalog/SCHEMA, "Cost of a request", step 1. Only for the price vectors.

inline std::int64_t number(const Json& json, const char* name) {
  return json.contains(name) && json[name].is_number() ? json[name].get<std::int64_t>() : 0;
}

inline std::int64_t modality(const Json& usage, const char* details, std::string_view name) {
  std::int64_t tokens = 0;
  if (!usage.contains(details)) return 0;
  for (const Json& entry : usage[details]) {
    if (entry["modality"] == name) tokens += number(entry, "tokenCount");
  }
  return tokens;
}

inline Usage read_gemini(const Json& usage) {
  const std::int64_t prompt =
      number(usage, "promptTokenCount") + number(usage, "toolUsePromptTokenCount");
  const std::int64_t read = number(usage, "cachedContentTokenCount");
  const std::int64_t read_audio = modality(usage, "cacheTokensDetails", "AUDIO");
  const std::int64_t audio = modality(usage, "promptTokensDetails", "AUDIO") - read_audio;
  const std::int64_t candidates = number(usage, "candidatesTokenCount");
  const std::int64_t thoughts = number(usage, "thoughtsTokenCount");
  const bool inside = number(usage, "totalTokenCount") == prompt + candidates;
  const std::int64_t image = modality(usage, "candidatesTokensDetails", "IMAGE");
  Usage out;
  out.cache_read_audio = read_audio;
  out.cache_read = read - read_audio;
  out.input_audio = audio;
  out.input = prompt - read - audio;
  out.output_image = image;
  out.output = candidates + (inside ? 0 : thoughts) - image;
  return out;
}

inline Usage read_bedrock(const Json& usage) {
  Usage out;
  out.input = number(usage, "inputTokens");
  out.cache_read = number(usage, "cacheReadInputTokens");
  out.cache_write_5m = number(usage, "cacheWriteInputTokens");
  out.output = number(usage, "outputTokens");
  return out;
}

}  // namespace routerone::test
