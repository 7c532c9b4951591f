#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/line_feed.h"
#include "common/core/clock.h"

namespace routerone::cli {

/// One line typed at a terminal, with everything people know from their shell: the keys of emacs or
/// vi (`~/.editrc`), history, completion, a paste that only Enter acts on. The only place that
/// knows libedit. While no line is being read the terminal and the signals are as they were, so
/// that other programs may run on it; on the way out too, whichever it is.
///
/// For one thread. Sets the locale of characters (LC_CTYPE) to the user's, or to UTF-8 where that
/// is none: widths are known by it.
class LineEditor {
 public:
  /// What a Tab comes to.
  struct Completion {
    struct Choice {
      std::string text;
      std::string about;  ///< May be empty.
    };
    std::string insert;           ///< At the cursor.
    std::vector<Choice> choices;  ///< If there is nothing to insert: what it could be.
  };
  /// Gets the line up to the cursor.
  using Completer = std::function<Completion(std::string_view before_cursor)>;

  enum class End {
    line,
    cleared,  ///< Ctrl-C.
    closed,   ///< Ctrl-D on an empty line, or the terminal is gone.
    ended,    ///< By a signal, which is `signal`.
  };
  struct Read {
    End end = End::closed;
    std::string line;  ///< UTF-8, without its end; a paste may have put "\n" into it.
    int signal = 0;
  };

  struct Options {
    Completer complete;
    bool colors = true;  ///< In lines shown above the prompt.
  };
  LineEditor(const Clock&, Options);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// Can lines be edited here? stdin and stdout are a terminal that can move its cursor.
  static bool possible();

  void remember(const std::string& line);
  /// Shows what `feed` has above the line meanwhile; nullptr: nothing.
  Read read_line(const std::string& prompt, LineFeed* feed);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::cli
