#include "cli/commands/completion.h"

#include <fmt/format.h>

#include "cli/commands/complete.h"
#include "cli/commands/completion_bash.h"
#include "cli/commands/table.h"
#include "common/core/text.h"

extern "C" {
extern const char routerone_bash_begin[], routerone_bash_end[];
extern const char routerone_zsh_begin[], routerone_zsh_end[];
extern const char routerone_fish_begin[], routerone_fish_end[];
}

namespace routerone::cli {
namespace {

struct Shell {
  std::string_view name, script, place;
};

std::string_view text_between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

const Shell* find_shell(std::string_view name) {
  static const Shell shells[] = {
      {"bash", text_between(routerone_bash_begin, routerone_bash_end),
       "routerone completion bash > "
       "~/.local/share/bash-completion/completions/routerone"},
      {"zsh", text_between(routerone_zsh_begin, routerone_zsh_end),
       "routerone completion zsh > ~/.zfunc/_routerone, and in ~/.zshrc: fpath+=~/.zfunc; "
       "autoload -Uz compinit; compinit"},
      {"fish", text_between(routerone_fish_begin, routerone_fish_end),
       "routerone completion fish > ~/.config/fish/completions/routerone.fish"}};
  for (const Shell& shell : shells)
    if (shell.name == name) return &shell;
  return nullptr;
}

Result<int> completion(Call& call) {
  const Shell* shell = find_shell(call.word("SHELL"));
  if (!shell)
    return fail(ErrorKind::invalid,
                fmt::format("there is no completion for \"{}\"", printable(call.word("SHELL"), 40)),
                "routerone completion bash, zsh or fish");
  std::string_view script = shell->script;
  script.remove_suffix(1);  // the last line's end
  call.out().line(Shown::lines(script));
  // Who sees it scroll by meant to put it somewhere.
  if (call.out().terminal()) call.out().note(fmt::format("to install it: {}", shell->place));
  return 0;
}

const char* word_of(Completion::Also also) {
  switch (also) {
    case Completion::Also::nothing:
      return "plain";
    case Completion::Also::files:
      return "files";
    case Completion::Also::folders:
      return "folders";
    case Completion::Also::programs:
      return "programs";
    case Completion::Also::behind:
      return "behind";
  }
  return "plain";
}

void print_for_bash(Output& out, const Completion& found, const BashLine& line) {
  std::vector<std::string> words;
  bool open = false;
  for (const Candidate& one : found.candidates)
    if (auto word = bash_replacement(one.text, line)) {
      words.push_back(*std::move(word));
      open = !one.ends;
    }
  const bool goes_on = found.also == Completion::Also::nothing && words.size() == 1 && open;
  out.line(fmt::format("{} {}", goes_on ? "open" : word_of(found.also), found.from));
  for (const std::string& word : words) out.line(word);
}

void print_plainly(Output& out, const Completion& found) {
  out.line(fmt::format("{} {}", word_of(found.also), found.from));
  for (const Candidate& one : found.candidates)
    out.line(Shown(one.text) + Shown::tab() + Shown(one.about));
}

/// What the scripts call for each TAB, hidden from help: `__complete zsh|fish -- WORD ..` with the
/// words unquoted, and `__complete bash -- LINE WORDBREAKS`. Prints, in plain text,
///
///     MODE FROM          plain, files, folders, programs, behind; FROM as in Completion
///     WORD <TAB> ABOUT   a line a candidate; bash: only what takes the typed text's place, quoted
///
/// and nothing else, whatever happens. A WORD that ends in `=` or `:` is one that goes on; in bash
/// a MODE `open` says so of the only one there is.
Result<int> complete_line(Call& call) {
  const std::vector<std::string> words = call.all("WORD");
  if (call.word("SHELL") != "bash") {
    print_plainly(call.out(), complete(words, call.daemon(), call.paths()));
    return 0;
  }
  if (words.size() != 2) return 0;
  const BashLine line = read_bash_line(words[0], words[1]);
  Completion found;
  if (line.redirected)
    found.also = Completion::Also::files;
  else
    found = complete(line.words, call.daemon(), call.paths());
  print_for_bash(call.out(), found, line);
  return 0;
}

}  // namespace

std::optional<std::string_view> completion_script(std::string_view shell) {
  const Shell* found = find_shell(shell);
  return found ? std::optional(found->script) : std::nullopt;
}

std::vector<Command> completion_commands() {
  const Value shell = {"SHELL", Value::Kind::choice, "bash|zsh|fish"};
  return {
      {.noun = "",
       .verb = "completion",
       .summary = "print what makes TAB work in bash, zsh or fish",
       .arguments = {{shell}},
       .run = completion,
       .examples = {{"for this bash", "completion bash > routerone.bash"},
                    {"for zsh", "completion zsh > _routerone"},
                    {"for fish", "completion fish > routerone.fish"}},
       .about =
           "The daemon need not run for it, neither now nor at a TAB: without it commands, "
           "options, and the models and providers of the built-in catalog are offered; with it "
           "also your own keys, projects, sessions and the like.\n\nPackages install it already. "
           "Else write it to ~/.local/share/bash-completion/completions/routerone, to _routerone "
           "in a folder of zsh's fpath, or to ~/.config/fish/completions/routerone.fish, and start "
           "a new shell."},
      {.noun = "",
       .verb = "__complete",
       .summary = "say what may come next on a line, for the shells' scripts",
       .arguments = {{shell}, {{"WORD"}, Argument::Count::many}},
       .run = complete_line,
       .rank = Command::Rank::hidden},
  };
}

}  // namespace routerone::cli
