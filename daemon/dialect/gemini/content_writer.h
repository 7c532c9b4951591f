#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "daemon/dialect/effort.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::gemini {

/// Writes the turns of a settled history as contents.
class ContentWriter {
 public:
  /// All outlive it.
  ContentWriter(JsonOut& out, const Target& target, const GeminiFamily& family,
                const ToolNames& names)
      : out_(out), target_(target), family_(family), names_(names) {}

  void write(const chat::Turn&);
  /// The first thing that the target cannot be told.
  const std::optional<Refusal>& problem() const { return problem_; }

 private:
  void model(const std::vector<chat::Part>& parts);
  void results(const std::vector<chat::Part>& parts);
  void user(const std::vector<chat::Part>& parts);

  void write_part(const chat::Text&);
  void write_part(const chat::Media&);
  void write_part(const chat::Thinking&);
  void write_part(const chat::ToolCall&);
  void write_part(const chat::ToolResult&);
  void write_inline(const chat::Media&);
  void refuse(std::string_view param, std::string_view why);

  JsonOut& out_;
  const Target& target_;
  const GeminiFamily& family_;
  const ToolNames& names_;
  std::optional<Refusal> problem_;
  bool first_call_ = false;  ///< The next call is the first one of its step.
};

}  // namespace routerone::dialect::gemini
