#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_chat {

/// Thinking in Chat Completions is nobody's standard. What is about: `reasoning_content` or
/// `reasoning` (plain text), `reasoning_details` (pieces that name the format of their maker) and
/// `thinking_blocks` (another maker's own). Source: MAPPING, reasoning state; recordings.

/// The pieces of one message's or stream's thinking, put together.
class ReasoningFold {
 public:
  /// A message or a delta. What it added to the visible text.
  std::string take(simdjson::dom::element message);
  /// Thinking that came in another way; kept as text.
  void add_text(std::string_view text);
  bool empty() const { return text_.empty() && details_.empty(); }
  /// All so far as one block of this dialect's own: to be sent back as it came.
  chat::Thinking own() const;
  /// As the blocks of those who made them, as far as their formats are known, in order; for a
  /// conversation that a caller sends.
  std::vector<chat::Thinking> blocks() const;

 private:
  struct Detail {
    std::string type, format, id, text, signature, data;
    std::int64_t index = 0;
    bool has_index = false;
  };
  void take_detail(simdjson::dom::element detail);
  static void write(const Detail&, JsonOut&);

  std::string name_;  ///< Under which the text came.
  std::string text_;
  std::vector<Detail> details_;
};

/// Blocks as a caller sends them: `thinking_blocks` if there are, else what its fold makes of it.
std::vector<chat::Thinking> read_thinking(simdjson::dom::element message);

/// Members of `reasoning_details` for a caller. `index` counts the answer's thinking. Nothing where
/// the maker has no format of its own here.
void write_detail_text(JsonOut&, std::string_view origin, std::size_t index, std::string_view text);
/// The state that came with the block's end. False: there is none, and nothing was written.
bool write_detail_state(JsonOut&, const chat::Thinking&, std::size_t index);
bool has_details(std::string_view origin);

}  // namespace routerone::dialect::openai_chat
