#include "cli/commands/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/help_text.h"
#include "cli/commands/table.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Commands = std::vector<const Command*>;

std::string shown(const Argument& argument) {
  switch (argument.count) {
    case Argument::Count::one:
      return argument.value.name;
    case Argument::Count::optional:
      return fmt::format("[{}]", argument.value.name);
    case Argument::Count::many:
      return fmt::format("[{}..]", argument.value.name);
    case Argument::Count::some:
      return fmt::format("-- {} [ARG..]", argument.value.name);
  }
  return argument.value.name;
}

std::string with_arguments(const Command& command) {
  std::string out = command.name();
  for (const Argument& argument : command.arguments) out += " " + shown(argument);
  return out;
}

Commands visible(bool (*wanted)(const Command&)) {
  Commands commands;
  for (const Command& command : all_commands())
    if (command.rank != Command::Rank::hidden && wanted(command)) commands.push_back(&command);
  return commands;
}

/// Under the heading of each task, in the table's order.
std::string by_task(const Commands& commands) {
  Rows all;
  for (const Command* command : commands)
    all.push_back({"  " + with_arguments(*command), command->summary});
  const std::size_t left = left_width(all);
  std::string out, task;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (commands[i]->task != task) out += fmt::format("{}:\n", task = commands[i]->task);
    out += in_columns({all[i]}, left);
  }
  return out;
}

std::string examples_of(const Command& command) {
  std::string out;
  for (const Example& example : command.examples)
    out += wrapped(fmt::format("# {}", example.says), 2) + "  " + example.shown() + "\n";
  return out.empty() ? "" : "examples:\n" + out + "\n";
}

std::string arguments_of(const Command& command) {
  Rows rows;
  for (const Argument& argument : command.arguments)
    if (const std::string words = words_of(argument); !words.empty())
      rows.push_back({fmt::format("  {}", argument.value.name), words});
  return rows.empty() ? "" : "\narguments:\n" + in_columns(rows);
}

Rows rows_of(const std::vector<const Option*>& options) {
  Rows rows;
  for (const Option* option : options)
    rows.push_back(
        {"  " + shown(*option),
         std::string(option->help) + (option->repeats ? "; may be said more than once" : "")});
  return rows;
}

std::string options_of(const Command& command) {
  std::vector<std::pair<std::string, std::vector<const Option*>>> groups;
  const auto add = [&](std::string_view heading, const Option& option) {
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& each) { return each.first == heading; });
    auto& group = found == groups.end() ? groups.emplace_back(heading, 0) : *found;
    group.second.push_back(&option);
  };
  for (const Option& option : command.options) add(option.group, option);
  for (const Option& option : common_options()) add("for every command", option);
  std::string out;
  for (const auto& [heading, options] : groups)
    out += fmt::format("\n{}:\n{}", heading.empty() ? "options" : heading,
                       in_columns(rows_of(options)));
  return out;
}

std::string see_also(const Command& command) {
  std::string names;
  for (const Command* other : related(command))
    names += fmt::format("{}{}", names.empty() ? "" : ", ", other->name());
  return names.empty() ? "" : "\n" + wrapped("see also: " + names, 0, 10);
}

}  // namespace

std::string Example::shown() const {
  return std::string_view(line).find("routerone ") == std::string_view::npos
             ? fmt::format("routerone {}", line)
             : line;
}

std::string shown(const Option& option) {
  const std::string letter = option.letter == '\0' ? "" : fmt::format("-{}, ", option.letter);
  const std::string value = option.is_flag() ? "" : fmt::format(" {}", option.value.name);
  return fmt::format("{}--{}{}", letter, option.name, value);
}

std::string words_of(const Argument& argument) {
  if (*argument.help != '\0') return argument.help;
  return words_of(argument.value);
}

/// Options stand last, but before the words of another program.
std::string usage_of(const Command& command) {
  const std::string options = command.options.empty() ? "" : " [OPTION..]";
  const bool runs_another =
      !command.arguments.empty() && command.arguments.back().count == Argument::Count::some;
  std::string out = with_arguments(command);
  return out.insert(runs_another ? command.name().size() : out.size(), options);
}

Commands related(const Command& command) {
  Commands others;
  for (const Command& other : all_commands()) {
    if (&other == &command || other.rank == Command::Rank::hidden) continue;
    const bool same_noun = std::string_view(other.noun) == command.noun;
    if (same_noun && (*command.noun != '\0' || std::string_view(other.task) == command.task))
      others.push_back(&other);
  }
  return others;
}

std::string help_of(const Command& command) {
  std::string out = wrapped(command.summary, 0) + "\n" + examples_of(command) +
                    wrapped("usage: routerone " + usage_of(command), 0, 7);
  for (const std::string& paragraph : paragraphs(command.about))
    out += "\n" + wrapped(paragraph, 0);
  out += arguments_of(command) + options_of(command);
  if (!command.exits.empty()) out += "\nexit codes of its own:\n";
  Rows exits;
  for (const Exit& exit : command.exits)
    exits.push_back({fmt::format("  {}", exit.code), exit.means});
  return out + in_columns(exits) + see_also(command);
}

std::string help_of_noun(const std::string& noun) {
  std::string examples;
  Rows commands;
  for (const Command& command : all_commands()) {
    if (!command.is_under(noun) || command.rank == Command::Rank::hidden) continue;
    if (!command.examples.empty())
      examples += fmt::format("  {}\n", command.examples.front().shown());
    commands.push_back({"  " + with_arguments(command), command.summary});
  }
  return (examples.empty() ? "" : "examples:\n" + examples + "\n") +
         fmt::format("usage: routerone {} COMMAND ..\n\ncommands:\n", noun) + in_columns(commands) +
         fmt::format("\nmore: routerone help {} COMMAND\n", noun);
}

std::string help_of_common() {
  return "Your own LLM gateway on localhost. usage: routerone COMMAND ..\n" +
         by_task(visible([](const Command& one) { return one.rank == Command::Rank::common; })) +
         "all commands: routerone help --all, for programs: routerone --map --json\n"
         "one of them:  routerone help keys create\n";
}

std::string help_of_all() {
  return "usage: routerone COMMAND ..\n\n" + by_task(visible([](const Command&) { return true; })) +
         "\nmore: routerone help COMMAND\n";
}

}  // namespace routerone::cli
