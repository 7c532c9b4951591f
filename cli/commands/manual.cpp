#include <fmt/format.h>

#include "cli/commands/command_names.h"
#include "cli/commands/help.h"
#include "cli/commands/map.h"
#include "cli/commands/shapes.h"
#include "cli/commands/table.h"

namespace routerone::cli {
namespace {

using Strings = std::vector<std::string>;

/// What the words of a call speak of; no command and no noun where there are none.
Result<Named> named_by(const Call& call) {
  const Strings words = call.all("COMMAND");
  const Named named = find_command(words);
  if (named.words < words.size()) return no_such_command(named, words);
  return named;
}

/// Lines of ours; the last one ends where `line` ends it.
void print(Call& call, std::string_view lines) {
  call.out().line(Shown::lines(lines.substr(0, lines.find_last_not_of('\n') + 1)));
}

Result<int> help(Call& call) {
  TRY(const Named named, named_by(call));
  if (call.json()) {
    call.out().json(named.command ? map_of(*named.command) : map_of_all());
    return 0;
  }
  print(call, named.command         ? help_of(*named.command)
              : !named.noun.empty() ? help_of_noun(named.noun)
              : call.has("all")     ? help_of_all()
                                    : help_of_common());
  return 0;
}

Result<int> map(Call& call) {
  if (call.json())
    call.out().json(map_of_all());
  else
    print(call, outline());
  return 0;
}

Result<int> schema(Call& call) {
  TRY(const Named named, named_by(call));
  if (!named.command && !named.noun.empty()) return verb_missing(named.noun);
  if (!named.command) {
    call.out().json(schema_of_all());
    return 0;
  }
  if (*named.command->prints == '\0')
    return fail(ErrorKind::not_found,
                fmt::format("{} prints no JSON that is promised", named.command->name()),
                fmt::format("routerone help {}", named.command->name()));
  call.out().json(schema_of(printed(*named.command)));
  return 0;
}

}  // namespace

std::vector<Command> manual_commands() {
  using Count = Argument::Count;
  const Value words = {"COMMAND", Value::Kind::command};
  return {
      {.noun = "",
       .verb = "help",
       .summary = "show what can be typed",
       .arguments = {{words, Count::many, "a command or its first word; without: the common ones"}},
       .options = {{"all", "", "every command there is"}},
       .run = help,
       .examples = {{"every command", "help --all"},
                    {"how to make a key", "help keys create"},
                    {"all about one command, for a program", "help keys create --json"}}},
      {.noun = "",
       .verb = "schema",
       .summary = "print the JSON Schema of what a command's --json prints",
       .arguments = {{words, Count::many, "which command; without: all shapes"}},
       .run = schema,
       .examples = {{"which fields a trace has", "schema traces show"}},
       .about = "What stands in the schema stays: fields are added, never renamed or dropped."},
      {.noun = "",
       .verb = "map",
       .summary = "list every command with its options; --json: all there is of them",
       .run = map,
       .examples = {{"a line a command", "--map"}, {"for a program", "--map --json"}},
       .prints = "map",
       .rank = Command::Rank::hidden},
  };
}

}  // namespace routerone::cli
