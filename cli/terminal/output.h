#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "common/core/result.h"
#include "common/json/json.h"

namespace routerone::cli {

enum class ColorMode { automatic, always, never };

/// Reads `--color`'s word; invalid for any other.
Result<ColorMode> parse_color(std::string_view word);

/// The flag first, then CLICOLOR_FORCE, NO_COLOR, a terminal that is not `dumb`, in this order.
bool decide_color(ColorMode, bool terminal);

enum class Color { none, red, green, yellow, cyan, dim, bold };

/// What we print to, and how: for a person at a terminal or for a program in a pipe. Everything
/// that came from elsewhere must pass `printable` before; the table does so by itself.
class Output {
 public:
  struct Options {
    ColorMode color = ColorMode::automatic;
    bool quiet = false;
  };
  Output(std::FILE* out, std::FILE* err, Options);

  bool terminal() const { return terminal_; }  ///< Is stdout one?
  bool quiet() const { return quiet_; }
  int width() const;  ///< Columns of the terminal; 80 if it does not say.

  void line(std::string_view text);  ///< To stdout.
  void json(const Json&);            ///< Indented; ASCII only, so a terminal is safe.
  void json_line(const Json&);       ///< One object a line.
  /// To stderr, for the person; nothing with --quiet.
  void note(std::string_view text);
  /// Two lines at most: what failed and why, and what mends it.
  void error(const Error&);

  std::string paint(Color, std::string_view text) const;

  /// Flushes. False: stdout is gone (a closed pipe) or full; `trouble` says which.
  bool flush();
  /// Has whoever read our stdout gone? Known without writing, so that waiting can end.
  bool reader_gone() const;
  bool broken_pipe() const { return broken_pipe_; }
  std::string trouble() const { return trouble_; }

 private:
  std::FILE* out_;
  std::FILE* err_;
  bool terminal_;
  bool quiet_;
  bool color_;
  bool error_color_;
  bool broken_pipe_ = false;
  std::string trouble_;
};

}  // namespace routerone::cli
