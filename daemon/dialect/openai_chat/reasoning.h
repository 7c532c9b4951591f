#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_chat {

/// Thinking in Chat Completions is nobody's standard. What is about: `reasoning_content` or
/// `reasoning` (plain text), `reasoning_details` (pieces that name the format of their maker) and
/// `thinking_blocks` (another maker's own). Source: MAPPING, reasoning state; recordings.

/// The pieces of one message's or stream's thinking, put together. Of the visible text it keeps
/// nothing: where details repeat it, only which part of it.
class ReasoningFold {
 public:
  /// A message or a delta. What it added to the visible text.
  std::string take(simdjson::dom::element message);
  /// Thinking that came in another way; kept as text.
  void add_text(std::string_view text);
  bool empty() const { return said_ == 0 && details_.empty(); }
  /// All so far as one block of this dialect's own, to be sent back as it came: its state, without
  /// the visible text, and where that belongs.
  chat::PartEnded own() const;
  /// As the blocks of those who made them, as far as their formats are known, in order; for a
  /// conversation that a caller sends. `text`: all that take and add_text were given to see.
  std::vector<chat::Thinking> blocks(std::string_view text) const;
  /// Bytes that are kept.
  std::size_t kept() const { return kept_; }

 private:
  struct Detail {
    std::string type, format, id, signature, data;
    std::size_t from = 0, to = 0;  ///< Which bytes of the visible text it begins with, ...
    std::string more;              ///< ... and what it says beside them.
    std::int64_t index = 0;
    bool has_index = false;

    bool says_nothing() const { return from == to && more.empty(); }
    std::string text(std::string_view all) const;
  };
  /// `at`: where its text stands in the visible one; nullopt: not there.
  void take_detail(simdjson::dom::element detail, std::optional<std::size_t> at);
  Detail* goes_on(const Detail&);
  void say(Detail&, std::string_view text, std::optional<std::size_t> at);
  static void write(const Detail&, JsonOut&, std::vector<chat::Gap>&);

  std::string name_;      ///< Under which the text came.
  std::size_t said_ = 0;  ///< Bytes of it.
  std::vector<Detail> details_;
  std::size_t kept_ = 0;
};

/// Blocks as a caller sends them: `thinking_blocks` if there are, else what its fold makes of it.
std::vector<chat::Thinking> read_thinking(simdjson::dom::element message);

/// Members of `reasoning_details` for a caller. `index` counts the answer's thinking. Nothing where
/// the maker has no format of its own here.
void write_detail_text(JsonOut&, std::string_view origin, std::size_t index, std::string_view text);
/// The state that came with the block's end. False: there is none, and nothing was written.
bool write_detail_state(JsonOut&, const chat::Thinking&, std::size_t index);
bool has_details(std::string_view origin);
/// State of such an origin goes to a caller whole, as a carrier.
bool is_carried(std::string_view origin);

}  // namespace routerone::dialect::openai_chat
