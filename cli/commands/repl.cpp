#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "cli/commands/forked.h"
#include "cli/commands/repl_line.h"
#include "cli/commands/repl_session.h"
#include "cli/commands/table.h"
#include "cli/commands/views.h"
#include "cli/terminal/line_history.h"
#include "cli/terminal/prompt.h"
#include "common/core/text.h"
#include "common/platform/descriptor.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_line = 64 << 10;

/// Lines of a file that is not a terminal, or of one that cannot be edited on: one byte at a time,
/// as what is behind a line may be meant for the command in it.
std::optional<std::string> next_line(int fd) {
  std::string line;
  for (char c = 0;;) {
    const auto got = ::read(fd, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    if (line.size() <= longest_line) line += c;
  }
}

void greet(Call& call) {
  call.out().note("help lists what there is, Tab completes, Ctrl-D leaves");
  if (!call.daemon().status()) call.out().note("the daemon is not running: up starts it");
}

/// A line that was typed, or several that were pasted.
void remember(LineEditor& editor, LineHistory& history, const std::string& text) {
  for (const std::string_view part : split(text, '\n')) {
    const std::string line(part);
    if (may_be_remembered(line) && history.add(line)) editor.remember(line);
  }
}

Result<int> at_editor(Call& call) {
  const KeyboardSignalsHeld between_lines;  // while nothing is read and no command runs
  ReplSession session(call, true);
  LineHistory history(call.paths().state_dir / "repl-history");
  LineEditor editor(call.clock(), {[&](std::string_view line) { return session.complete(line); },
                                   call.out().colors()});
  for (const std::string& line : history.lines()) editor.remember(line);
  greet(call);
  while (!session.left()) {
    (void)call.out().flush();
    const LineEditor::Read read = editor.read_line(session.prompt(), session.feed());
    if (read.end == LineEditor::End::closed) return 0;
    if (read.end == LineEditor::End::ended) return 128 + read.signal;
    if (read.end == LineEditor::End::cleared) continue;
    remember(editor, history, read.line);
    session.run_lines(read.line);
  }
  return 0;
}

/// A terminal on which nothing can be moved.
Result<int> at_plain_terminal(Call& call) {
  ReplSession session(call, false);
  greet(call);
  while (!session.left()) {
    show_prompt(session.prompt());
    const auto line = next_line(STDIN_FILENO);
    if (!line) return 0;
    session.run_lines(*line);
  }
  return 0;
}

/// Commands must not take the lines of the script for what they ask for.
Result<Descriptor> take_script() {
  Descriptor script(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!script || !nothing || ::dup2(nothing.get(), STDIN_FILENO) < 0)
    return fail(ErrorKind::invalid, "there is nothing on stdin to read commands from");
  return script;
}

Result<int> run_script(Call& call) {
  TRY(const Descriptor script, take_script());
  ReplSession session(call, false);
  int first = 0;
  for (int number = 1; !session.left(); ++number) {
    const auto line = next_line(script.get());
    if (!line) break;
    const int code = session.run_lines(*line);
    if (code == 0) continue;
    if (first == 0) first = code;
    const bool stops = !call.has("keep-going");
    call.out().note(fmt::format("line {} of the script ended with exit code {}{}", number, code,
                                stops ? "; the rest was not run" : ""));
    if (stops) break;
  }
  return first;
}

Result<int> repl(Call& call) {
  if (::isatty(STDIN_FILENO) != 1) return run_script(call);
  return LineEditor::possible() ? at_editor(call) : at_plain_terminal(call);
}

}  // namespace

std::vector<Command> repl_commands() {
  return {
      {.noun = "",
       .verb = "repl",
       .summary = "type commands one after the other, with completion and a live tail",
       .options = {{"keep-going", "", "in a script: go on after a line that failed"}},
       .run = repl,
       .examples = {{"type commands", "repl"},
                    {"run several, until one fails",
                     "printf 'keys list\\nusage\\n' | routerone repl"}},
       .about =
           "Every command works there without its first word. `tail` shows requests above the "
           "prompt as they end, `watch 2 usage` runs a command again and again, `help` lists the "
           "rest.\n\n"
           "If stdin is no terminal its lines are a script: blank lines and what stands behind a # "
           "are left out, the first line that fails ends it, and its exit code is that of all. "
           "Commands in a script read nothing from stdin and do not ask: what cannot be undone "
           "needs --yes.\n\n"
           "Lines are kept in repl-history in the state folder, for you alone; those with a secret "
           "in them, or with a space in front, are not."},
  };
}

}  // namespace routerone::cli
