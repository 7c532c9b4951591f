#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace routerone::dialect {

/// Cuts a byte stream into server-sent events by their blank lines (LF, CRLF or CR), each a range
/// of bytes exactly as it came. An event that grows beyond `longest_held` is given out in parts as
/// it comes, so that an endless one cannot grow memory.
class SseFramer {
 public:
  static constexpr std::size_t longest_held = 256 << 10;

  struct Piece {
    enum class Kind {
      event,       ///< A whole event.
      long_start,  ///< The first part of one that is too long to hold ...
      long_part,   ///< ... a further part ...
      long_end,    ///< ... and its last.
    };
    Kind kind = Kind::event;
    std::string_view bytes;  ///< Valid until the next push().
  };

  /// More bytes; they must stay valid until the next push(). Take all pieces before that.
  void push(std::string_view bytes);
  std::optional<Piece> next();
  /// What stands unterminated at the end of the stream, if anything does.
  std::string_view rest();

  bool inside_long_event() const { return long_; }

 private:
  enum class Line { start, start_after_cr, text, cr, blank_cr };

  std::size_t find_end();
  Piece whole_event(std::size_t end);

  std::string_view input_;
  std::string held_;   ///< The incomplete event.
  std::string given_;  ///< What the caller still looks at.
  Line line_ = Line::start;
  bool long_ = false;
};

}  // namespace routerone::dialect
