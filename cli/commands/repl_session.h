#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/commands/repl_tail.h"
#include "cli/terminal/line_editor.h"

namespace routerone::cli {

/// What happens between two prompts of the REPL: a line comes in, a command or one of the REPL's
/// own words runs, a live tail may go on meanwhile.
class ReplSession {
 public:
  using Words = std::vector<std::string>;

  /// at_keyboard: a person types, so words that need a terminal work.
  ReplSession(Call& call, bool at_keyboard);

  /// The exit code of a line; of several, of the first that fails, and the rest is not run.
  int run_lines(const std::string& text);
  bool left() const { return left_; }  ///< Somebody said `exit`.

  std::string prompt() const;
  LineFeed* feed() { return tail_.get(); }
  LineEditor::Completion complete(std::string_view before_cursor) const;

  /// A word of the REPL's own.
  struct Word {
    const char* name;
    const char* arguments;
    const char* help;
    bool needs_keyboard;
    Result<int> (ReplSession::*run)(const Words&);
  };
  static const std::vector<Word>& own_words();

 private:
  int run_line(const std::string& line);
  Result<int> run_words(const Words&);
  Result<int> run_command(Words) const;
  Words with_defaults(Words) const;

  Result<int> help(const Words&);
  Result<int> tail(const Words&);
  Result<int> filter(const Words&);
  Result<int> pause(const Words&);
  Result<int> resume(const Words&);
  Result<int> untail(const Words&);
  Result<int> open(const Words&);
  Result<int> watch(const Words&);
  Result<int> clear(const Words&);
  Result<int> leave(const Words&);

  Result<ReplTail*> running_tail() const;

  Call& call_;
  bool at_keyboard_;
  bool left_ = false;
  std::unique_ptr<ReplTail> tail_;
};

}  // namespace routerone::cli
