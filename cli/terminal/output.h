#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "cli/terminal/shown.h"
#include "common/core/result.h"
#include "common/json/json.h"

namespace routerone::cli {

enum class ColorMode { automatic, always, never };

/// Reads `--color`'s word; invalid for any other.
Result<ColorMode> parse_color(std::string_view word);

/// The flag first, then CLICOLOR_FORCE, NO_COLOR, a terminal that is not `dumb`, in this order.
bool decide_color(ColorMode, bool terminal);

/// What we print to, and how: for a person at a terminal or for a program in a pipe. It is the only
/// way out, and takes nothing but Shown and JSON, so what came from elsewhere can do no harm.
class Output {
 public:
  struct Options {
    ColorMode color = ColorMode::automatic;
    bool quiet = false;
  };
  Output(std::FILE* out, std::FILE* err, Options);

  bool terminal() const { return terminal_; }  ///< Is stdout one, and a person there?
  bool quiet() const { return quiet_; }
  int width() const;  ///< Columns of the terminal; 80 if it does not say.

  bool colors() const { return color_; }  ///< On stdout.

  void line(const Shown&);  ///< To stdout; a plain text is cleaned on the way.
  void json(const Json&);   ///< Indented; ASCII only, so a terminal is safe.
  void json_line(const Json&, const Shown& before = {});  ///< One object a line.
  /// To stderr, for the person; nothing with --quiet.
  void note(const Shown&);
  /// Two lines at most: what failed and why, and what mends it.
  void error(const Error&);
  /// A line on stderr, if that is a terminal, whose place the next one takes and above which all
  /// else goes: progress, a running total. Empty: it goes away. Nothing with --quiet.
  void status(const Shown&);

  static Shown paint(Color color, std::string_view text) { return {text, color}; }

  /// Flushes. False: stdout is gone (a closed pipe) or full; `trouble` says which.
  bool flush();
  /// Has whoever read our stdout gone? Known without writing, so that waiting can end.
  bool reader_gone() const;
  bool broken_pipe() const { return broken_pipe_; }
  std::string trouble() const { return trouble_; }

 private:
  void put_out(const std::string& line);
  void put_err(const std::string& line);
  void take_status_away();

  std::FILE* out_;
  std::FILE* err_;
  bool terminal_;
  bool quiet_;
  bool color_;
  bool error_color_;
  bool error_moves_;  ///< Is stderr a terminal that can write over a line?
  bool status_shown_ = false;
  bool broken_pipe_ = false;
  std::string trouble_;
};

}  // namespace routerone::cli
