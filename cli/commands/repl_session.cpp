#include "cli/commands/repl_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/forked.h"
#include "cli/commands/parser.h"
#include "cli/commands/repl_complete.h"
#include "cli/commands/repl_line.h"
#include "cli/commands/repl_watch.h"
#include "cli/commands/run.h"
#include "cli/commands/tail_view.h"
#include "cli/terminal/full_screen.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Words = ReplSession::Words;

Words behind(const Words& words, std::size_t count) {
  return {words.begin() + static_cast<std::ptrdiff_t>(std::min(count, words.size())), words.end()};
}

/// FILTER as `traces tail` takes it, `--since` too.
Result<Words> read_terms(const Words& words) {
  Words all = {"traces", "tail"};
  all.insert(all.end(), words.begin(), words.end());
  TRY(const Parsed parsed, parse(all));
  const auto values = [&](const char* name) {
    const auto found = parsed.values.find(name);
    return found == parsed.values.end() ? Words() : found->second;
  };
  Words terms = values("FILTER");
  for (const std::string& since : values("since")) terms.push_back("since=" + since);
  return terms;
}

/// `2`, `2s`, `1m`.
std::optional<Millis> read_interval(const std::string& word) {
  constexpr std::chrono::seconds longest = std::chrono::hours(24);
  const bool bare = !word.empty() && word.find_first_not_of("0123456789") == word.npos;
  const auto time = parse_duration(bare ? word + "s" : word);
  if (!time || *time < std::chrono::seconds(1) || *time > longest) return std::nullopt;
  return *time;
}

/// Meant as an interval, though it may be none.
bool is_number_like(const std::string& word) {
  return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

}  // namespace

ReplSession::ReplSession(Call& call, bool at_keyboard) : call_(call), at_keyboard_(at_keyboard) {}

const std::vector<ReplSession::Word>& ReplSession::own_words() {
  using S = ReplSession;
  static const std::vector<Word> words = {
      {"help", "[COMMAND]", "show what there is, or how a command is used", false, &S::help},
      {"tail", "[FILTER..]", "show requests above the prompt as they end", true, &S::tail},
      {"filter", "[FILTER..]", "show other requests from now on; `none`: all", true, &S::filter},
      {"pause", "", "hold the tail; nothing is lost", true, &S::pause},
      {"resume", "", "go on with it", true, &S::resume},
      {"untail", "", "end it, and sum it up", true, &S::untail},
      {"open", "[ID]", "show one request; the last one of the tail unless said", false, &S::open},
      {"watch", "[SECONDS] COMMAND ..", "run a command every 2 seconds until a key is pressed",
       true, &S::watch},
      {"clear", "", "clear the screen", true, &S::clear},
      {"exit", "", "leave; so does Ctrl-D", false, &S::leave},
      {"quit", "", "the same", false, &S::leave},
  };
  return words;
}

std::string ReplSession::prompt() const {
  if (!tail_ || tail_->ended()) return "routerone> ";
  return tail_->paused() ? "routerone paused> " : "routerone tail> ";
}

LineEditor::Completion ReplSession::complete(std::string_view before_cursor) const {
  std::vector<Candidate> own;
  for (const Word& word : own_words()) own.push_back({word.name, word.help});
  return complete_repl_line(before_cursor, own, call_.daemon(), call_.paths());
}

int ReplSession::run_lines(const std::string& text) {
  for (const std::string_view line : split(text, '\n'))
    if (const int code = run_line(std::string(line)); code != 0 || left_) return code;
  return 0;
}

int ReplSession::run_line(const std::string& line) {
  const auto words = read_repl_line(line);
  const Result<int> code = words ? run_words(*words) : tl::unexpected(words.error());
  (void)call_.out().flush();
  if (code) return *code;
  call_.out().error(code.error());
  return exit_code(code.error().kind);
}

Result<int> ReplSession::run_words(const Words& words) {
  if (words.empty()) return 0;
  if (words.front() == "repl")
    return fail(ErrorKind::invalid, "this is one already", "exit leaves it");
  const auto& own = own_words();
  const auto found = std::find_if(own.begin(), own.end(),
                                  [&](const Word& word) { return words.front() == word.name; });
  if (found == own.end()) return run_command(words);
  if (found->needs_keyboard && !at_keyboard_)
    return fail(ErrorKind::invalid, fmt::format("{} needs a terminal to type at", found->name),
                "in a script: traces tail, traces list");
  if (*found->arguments == '\0' && words.size() > 1)
    return fail(ErrorKind::invalid, fmt::format("{} takes nothing", found->name));
  return (this->*found->run)(behind(words, 1));
}

/// What the REPL itself was told holds for every line.
Words ReplSession::with_defaults(Words words) const {
  for (const char* flag : {"json", "quiet", "yes"})
    if (call_.has(flag)) words.insert(words.begin(), fmt::format("--{}", flag));
  if (const auto color = call_.text("color")) words.insert(words.begin(), "--color=" + *color);
  return words;
}

Result<int> ReplSession::run_command(Words words) const {
  (void)call_.out().flush();
  const Words all = with_defaults(std::move(words));
  return run_forked([&all] { return run(all, stdout, stderr); });
}

Result<int> ReplSession::help(const Words& words) {
  if (!words.empty()) {
    const auto& own = own_words();
    const auto found = std::find_if(own.begin(), own.end(),
                                    [&](const Word& word) { return words.front() == word.name; });
    if (found == own.end() || words.size() > 1) {
      Words asked = words;
      asked.emplace_back("--help");
      return run_command(asked);
    }
    call_.out().line(fmt::format("{} {}: {}", found->name, found->arguments, found->help));
    return 0;
  }
  std::size_t widest = 0;
  const auto usage = [](const Word& word) {
    return fmt::format("{} {}", word.name, word.arguments);
  };
  for (const Word& word : own_words()) widest = std::max(widest, usage(word).size());
  call_.out().line("here, and nowhere else:");
  for (const Word& word : own_words())
    call_.out().line(fmt::format("  {:{}}  {}", usage(word), widest, word.help));
  call_.out().line("");
  call_.out().line("and every command, without its first word:");
  return run_command({"--help"});
}

Result<ReplTail*> ReplSession::running_tail() const {
  if (tail_ && !tail_->ended()) return tail_.get();
  return fail(ErrorKind::conflict, "there is no tail", "tail");
}

Result<int> ReplSession::tail(const Words& words) {
  TRY(Words terms, read_terms(words));
  tail_.reset();
  TRY(tail_, ReplTail::start(call_.daemon(), std::move(terms)));
  call_.out().line(tail_heading(call_.out().width()));
  return 0;
}

Result<int> ReplSession::filter(const Words& words) {
  TRY(ReplTail * tail, running_tail());
  if (words.empty()) {
    const std::string all = fmt::format("{}", fmt::join(tail->terms(), " "));
    call_.out().line(all.empty() ? "no filter: all requests are shown" : all);
    return 0;
  }
  const bool none = words.size() == 1 && words.front() == "none";
  TRY(Words terms, read_terms(none ? Words() : words));
  tail->filter(std::move(terms));
  return 0;
}

Result<int> ReplSession::pause(const Words&) {
  TRY(ReplTail * tail, running_tail());
  tail->pause(true);
  return 0;
}

Result<int> ReplSession::resume(const Words&) {
  TRY(ReplTail * tail, running_tail());
  tail->pause(false);
  return 0;
}

Result<int> ReplSession::untail(const Words&) {
  TRY(ReplTail * tail, running_tail());
  const std::string total = tail->stop();
  if (!total.empty()) call_.out().line(total);
  tail_.reset();
  return 0;
}

Result<int> ReplSession::open(const Words& words) {
  Words show = {"traces", "show"};
  show.insert(show.end(), words.begin(), words.end());
  if (words.empty()) {
    if (!tail_ || tail_->last_id().empty())
      return fail(ErrorKind::invalid, "open needs the id of a request: none was shown here yet",
                  "traces list");
    show.push_back(tail_->last_id());
  }
  return run_command(show);
}

Result<int> ReplSession::watch(const Words& words) {
  const auto interval = words.empty() ? std::nullopt : read_interval(words.front());
  if (!interval && !words.empty() && is_number_like(words.front()))
    return fail(ErrorKind::invalid,
                "watch takes whole seconds, from 1 to a day, not " + printable(words.front(), 40),
                "watch 2 usage");
  const Words command = behind(words, interval ? 1 : 0);
  if (command.empty()) return fail(ErrorKind::invalid, "watch needs a command", "watch 2 usage");
  TRY_STATUS(parse(command).map([](const Parsed&) {}));
  const Millis every = interval.value_or(Millis(2'000));
  const Words all = with_defaults(command);
  (void)call_.out().flush();
  return watch_command(call_.clock(), every,
                       fmt::format("any key ends this: every {} s, {}", every.count() / 1'000,
                                   fmt::join(command, " ")),
                       [&all] { return run(all, stdout, stderr); });
}

Result<int> ReplSession::clear(const Words&) {
  clear_screen();
  return 0;
}

Result<int> ReplSession::leave(const Words&) {
  left_ = true;
  return 0;
}

}  // namespace routerone::cli
