#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::anthropic {

/// The marks for the prompt cache of one request: this dialect takes four, the last ones count.
class CacheMarks {
 public:
  static constexpr std::size_t most = 4;
  /// `marks`: how many there are.
  explicit CacheMarks(std::size_t marks) : skip_(marks > most ? marks - most : 0) {}
  /// In the order in which the provider reads them: tools, instructions, messages.
  void write(JsonOut&, chat::CacheMark);

 private:
  std::size_t skip_;
};
std::size_t count_marks(const std::vector<chat::Part>&);

/// Writes the parts of a request's turns as blocks.
class RequestBlocks {
 public:
  RequestBlocks(JsonOut& out, const Target& target, const ToolNames& names, CacheMarks& marks)
      : out_(out), target_(target), names_(names), marks_(marks) {}

  /// The blocks of instructions, as a list.
  void instructions(const std::vector<chat::Part>&);
  /// A message, or nothing where nothing of it can be written. `turns` are settled.
  void message(const chat::Turn&);

  /// The first thing that could not be written.
  const std::optional<Refusal>& problem() const { return problem_; }

 private:
  void write(const chat::Text&);
  void write(const chat::Media&);
  void write(const chat::Thinking&);
  void write(const chat::ToolCall&);
  void write(const chat::ToolResult&);
  void image(const chat::Media&);
  void document(const chat::Media&);
  void source(const chat::Media&);
  void refuse(std::string_view param, std::string_view why);

  JsonOut& out_;
  const Target& target_;
  const ToolNames& names_;
  CacheMarks& marks_;
  std::optional<Refusal> problem_;
};

}  // namespace routerone::dialect::anthropic
