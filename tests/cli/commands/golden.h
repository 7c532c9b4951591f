#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "cli/commands/parser.h"
#include "common/core/text.h"
#include "tests/cli/commands/cli_world.h"
#include "tests/cli/terminal/terminal.h"
#include "tests/support/manual_clock.h"
#include "tests/support/source_tree.h"

namespace routerone::cli::test {

/// How somebody looks at what a command prints: at a terminal of `columns`, or through a pipe (0).
struct Look {
  std::string name;
  unsigned short columns = 0;
  std::map<std::string, std::string> environment = {};
};

inline const std::vector<Look>& all_looks() {
  static const std::vector<Look> looks = {
      {"terminal, 40 columns", 40},
      {"terminal, 80 columns", 80},
      {"terminal, 120 columns", 120},
      {"terminal, 200 columns", 200},
      {"terminal, 80 columns, NO_COLOR", 80, {{"NO_COLOR", "1"}}},
      {"terminal, 80 columns, TERM=dumb", 80, {{"TERM", "dumb"}}},
      {"terminal, 80 columns, LC_ALL=C", 80, {{"LC_ALL", "C"}}},
      {"pipe", 0},
      {"pipe, CLICOLOR_FORCE", 0, {{"CLICOLOR_FORCE", "1"}}}};
  return looks;
}

/// Nothing of the machine the tests run on shows in what is printed.
inline void set_environment(const Look& look) {
  std::map<std::string, std::string> all = {
      {"TZ", "UTC"}, {"TERM", "xterm-256color"}, {"LC_ALL", "C.UTF-8"}};
  for (const auto& [name, value] : look.environment) all[name] = value;
  for (const char* name : {"NO_COLOR", "CLICOLOR_FORCE", "TZ", "TERM", "LC_ALL"}) {
    if (const auto wanted = all.find(name); wanted != all.end())
      ::setenv(name, wanted->second.c_str(), 1);
    else
      ::unsetenv(name);
  }
}

/// Runs a command as the program does, at noon of 2026-11-20.
inline int run_at_noon(const std::vector<std::string>& words, std::FILE* to, std::FILE* errors) {
  const auto parsed = parse(words);
  if (!parsed || !parsed->command) return 2;
  const auto paths = find_paths();
  if (!paths) return 1;
  routerone::test::ManualClock clock;
  clock.set_wall(*parse_rfc3339("2026-11-20T12:00:00Z"));
  const control::Client daemon(paths->control_socket());
  Output out(to, errors, {});
  Call call({out, *paths, clock, daemon}, parsed->values);
  const auto code = parsed->command->run(call);
  if (!code) out.error(code.error());
  (void)out.flush();
  return code ? *code : exit_code(code.error().kind);
}

/// What is seen, stdout and stderr as they come; in a pipe one after the other.
inline std::string seen_by(const Look& look, const std::vector<std::string>& words) {
  set_environment(look);
  if (look.columns > 0)
    return written_to_terminal(
        look.columns, [&](std::FILE* out, std::FILE* err) { (void)run_at_noon(words, out, err); });
  std::FILE* const out = std::tmpfile();
  std::FILE* const err = std::tmpfile();
  REQUIRE(out);
  REQUIRE(err);
  (void)run_at_noon(words, out, err);
  const std::string text = content_of(out);
  const std::string told = content_of(err);
  return told.empty() ? text : text + "-- stderr\n" + told;
}

/// As a file that can be read: escapes and what a pty makes of line ends are seen for what they
/// are.
inline std::string readable(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\x1b')
      out += "\\e";
    else if (text[i] == '\r')
      out += "\\r";
    else if (text[i] == '\t')
      out += "\\t";
    else
      out += text[i];
  }
  return out;
}

/// The first line in which they differ, in plain words; empty if they are alike.
inline std::string difference(const std::string& wanted, const std::string& got) {
  const auto before = split(wanted, '\n'), after = split(got, '\n');
  std::string_view look = "the beginning";
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const std::string_view was = i < before.size() ? before[i] : "(nothing)";
    const std::string_view is = i < after.size() ? after[i] : "(nothing)";
    if (was.starts_with("== ")) look = was;
    if (was == is) continue;
    return "line " + std::to_string(i + 1) + ", at " + std::string(look) + "\n  was  |" +
           std::string(was) + "|\n  is   |" + std::string(is) +
           "|\nIf that is meant: ROUTERONE_REWRITE_GOLDEN=1, and look at the change in git.";
  }
  return {};
}

/// Compares with tests/cli/golden/NAME.txt; ROUTERONE_REWRITE_GOLDEN=1 writes it instead.
inline std::string golden_difference(const std::string& name, const std::string& got) {
  const auto file = routerone::test::source_tree() / "tests/cli/golden" / (name + ".txt");
  if (std::getenv("ROUTERONE_REWRITE_GOLDEN")) {
    std::ofstream(file) << got;
    return {};
  }
  std::ifstream in(file);
  const std::string wanted{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return difference(wanted, got);
}

}  // namespace routerone::cli::test
