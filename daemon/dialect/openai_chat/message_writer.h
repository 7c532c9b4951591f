#pragma once

#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::openai_chat {

/// A settled conversation (settle_history) as `messages`: one `tool` message a result, in the order
/// of the calls; what such a message cannot hold goes into a user's message behind the last of
/// them. Texts that stand side by side become one string, because many servers take no arrays.
class MessageWriter {
 public:
  /// All of it outlives the writer.
  MessageWriter(const ToolNames& names, const Target& target, std::string_view instruction_role);

  /// An array of messages; takes the turns apart. Refused: what this dialect has no place for.
  tl::expected<void, Refusal> write(std::vector<chat::Turn>, JsonOut&);
  /// Thinking was left out that somebody might have wanted back.
  bool dropped_thinking() const { return dropped_thinking_; }

 private:
  using Written = tl::expected<void, Refusal>;

  void write_instructions(const chat::Turn&, JsonOut&) const;
  Written write_user(chat::Turn&, JsonOut&) const;
  void write_result(const chat::ToolResult&, JsonOut&) const;
  Written write_content(const std::vector<chat::Part>&, JsonOut&) const;
  Written write_media(const chat::Media&, JsonOut&) const;
  void write_assistant(const chat::Turn&, JsonOut&);
  void write_calls(const chat::Turn&, JsonOut&) const;
  static void write_thinking(const chat::Turn&, JsonOut&);

  const ToolNames& names_;
  const Target& target_;
  std::string_view instruction_role_;
  bool returns_thinking_ = false;
  bool dropped_thinking_ = false;
};

}  // namespace routerone::dialect::openai_chat
