#include "cli/commands/run.h"

#include <fmt/format.h>

#include "cli/commands/parser.h"
#include "cli/terminal/agent_shell.h"

namespace routerone::cli {
namespace {

/// A reader that has seen enough (`| head`) is no failure; a full disk is one.
int finish(Output& out, int code) {
  if (out.flush() || out.broken_pipe()) return code;
  out.error({ErrorKind::internal, "the output could not be written: " + out.trouble(), ""});
  return code == 0 ? exit_code(ErrorKind::internal) : code;
}

Result<int> run_command(const Parsed& parsed, Output& out) {
  TRY(const Paths paths, find_paths());
  const SystemClock clock;
  const control::Client daemon(paths.control_socket());
  Call call({out, paths, clock, daemon}, parsed.values);
  return parsed.command->run(call);
}

/// An agent that reads what is meant for people is told what is meant for it.
void hint_at_json(const Parsed& parsed, Output& out) {
  const Command& command = *parsed.command;
  if (*command.prints == '\0' || parsed.values.contains("json") || !in_agent_shell()) return;
  (void)out.flush();  // what it is about stands before it
  out.note(fmt::format("hint: for programs: routerone {0} --json; its fields: routerone schema {0}",
                       command.name()));
}

}  // namespace

int run(const std::vector<std::string>& words, std::FILE* to, std::FILE* errors) {
  const auto parsed = parse(words);
  Output::Options options;
  if (parsed) {
    options.quiet = parsed->values.contains("quiet");
    if (const auto given = parsed->values.find("color"); given != parsed->values.end())
      options.color = parse_color(given->second.back()).value_or(options.color);
  }
  Output out(to, errors, options);
  if (!parsed) {
    out.error(parsed.error());
    return exit_code(parsed.error().kind);
  }
  if (!parsed->command) {
    out.line(Shown::lines(parsed->help.substr(0, parsed->help.find_last_not_of('\n') + 1)));
    return finish(out, 0);
  }
  const auto code = run_command(*parsed, out);
  if (code) {
    hint_at_json(*parsed, out);
    return finish(out, *code);
  }
  (void)out.flush();
  out.error(code.error());
  return exit_code(code.error().kind);
}

}  // namespace routerone::cli
