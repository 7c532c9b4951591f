#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace routerone::sandbox {

/// What a request to the sandbox asks, read alike from all three dialects.
struct Question {
  std::string model;
  bool stream = false;
  bool include_usage = false;  ///< Chat: stream_options.include_usage.
  std::string text;            ///< The last user text.
  bool has_tools = false;
  std::int64_t input_tokens = 0;
  std::vector<std::string> inputs;  ///< Embeddings: the texts.
};
Result<Question> read_question(std::string_view body);

/// A call that the user text asked for: `call NAME {json}`.
struct ToolCall {
  std::string name;
  std::string arguments;
};

/// What the sandbox answers, whatever the dialect: the user's own words, or the tool call.
struct Reply {
  std::string id;  ///< Bare; each dialect puts its prefix before it.
  std::string model;
  std::vector<std::string> pieces;  ///< Of the text, as a stream's deltas.
  std::optional<ToolCall> call;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  bool include_usage = false;

  std::string text() const;
};
Reply answer(const Question&, std::string id);

}  // namespace routerone::sandbox
