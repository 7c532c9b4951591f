#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::openai_responses {

/// Writes a conversation (settled: see tool_history.h) as items of `input`, in its order.
class ItemWriter {
 public:
  ItemWriter(JsonOut& out, const ToolNames& names, const Target& target)
      : out_(out), names_(names), target_(target) {}

  void write(const chat::Turn&);
  /// What the target cannot take; the first of it.
  const std::optional<Refusal>& problem() const { return problem_; }

 private:
  void write_assistant(const chat::Turn&);
  void write_call(const chat::ToolCall&);
  void write_result(const chat::ToolResult&);
  void write_content(const std::vector<chat::Part>&, std::size_t from);
  void write_text(std::string_view);
  void write_media(const chat::Media&);
  void write_said(const chat::Part&);

  JsonOut& out_;
  const ToolNames& names_;
  const Target& target_;
  std::optional<Refusal> problem_;
};

}  // namespace routerone::dialect::openai_responses
