#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// The text of a part that deltas add to; null: it has none.
std::string* text_of(chat::Part&);

/// Nobody can be asked to call what has no name.
bool is_nameless_call(const chat::Part&);

/// Whether a turn that is not the model's holds a call; thinking in one, which nobody else has, is
/// taken out of it.
bool calls_by_itself(chat::Turn&);

/// A state with all that its part said in it again.
chat::JsonText fill_gaps(std::string_view state, const std::vector<chat::Gap>&,
                         std::string_view text);

/// Thinking as a stream ended it, with the text that it said.
chat::Thinking whole_thinking(const chat::PartEnded&, std::string_view text);

/// Bytes that are not the first of a character are not counted.
std::int64_t characters_in(std::string_view text);

/// What was said of a text that comes in pieces, without the text: enough to tell what is still to
/// be said when it is told whole.
class SaidText {
 public:
  void add(std::string_view piece);
  std::size_t bytes() const { return bytes_; }
  /// What follows in `whole`; empty if `whole` begins with something else.
  std::string_view rest_of(std::string_view whole) const;

 private:
  static std::uint64_t digest(std::uint64_t before, std::string_view text);

  std::size_t bytes_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325;  ///< FNV-1a: only slips are to be noticed.
};

}  // namespace routerone::dialect
