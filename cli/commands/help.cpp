#include "cli/commands/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/table.h"

namespace routerone::cli {
namespace {

std::string shown(const Argument& argument) {
  switch (argument.count) {
    case Argument::Count::one:
      return argument.name;
    case Argument::Count::optional:
      return fmt::format("[{}]", argument.name);
    case Argument::Count::many:
      return fmt::format("[{}..]", argument.name);
    case Argument::Count::some:
      return fmt::format("-- {} [ARG..]", argument.name);
  }
  return argument.name;
}

std::string shown(const Option& option) {
  const std::string letter = option.letter == '\0' ? "" : fmt::format("-{}, ", option.letter);
  const std::string value = *option.value == '\0' ? "" : fmt::format(" {}", option.value);
  return fmt::format("{}--{}{}", letter, option.name, value);
}

std::string with_arguments(const Command& command) {
  std::string out = command.name();
  for (const Argument& argument : command.arguments) out += " " + shown(argument);
  return out;
}

std::string option_lines(const std::vector<Option>& options) {
  std::size_t width = 0;
  for (const Option& option : options) width = std::max(width, shown(option).size());
  std::string out;
  for (const Option& option : options)
    out += fmt::format("  {:{}}  {}{}\n", shown(option), width, option.help,
                       option.repeats ? " (may be repeated)" : "");
  return out;
}

std::string command_lines(const std::vector<const Command*>& commands) {
  std::size_t width = 0;
  for (const Command* command : commands) width = std::max(width, with_arguments(*command).size());
  std::string out;
  for (const Command* command : commands)
    out += fmt::format("  {:{}}  {}\n", with_arguments(*command), width, command->summary);
  return out;
}

/// Options stand last, but before the words of another program.
std::string usage_of(const Command& command) {
  const std::string options = command.options.empty() ? "" : " [OPTION..]";
  const bool runs_another =
      !command.arguments.empty() && command.arguments.back().count == Argument::Count::some;
  std::string out = with_arguments(command);
  return out.insert(runs_another ? command.name().size() : out.size(), options);
}

}  // namespace

std::string help_of(const Command& command) {
  std::string out = fmt::format("usage: routerone {}\n\n{}\n", usage_of(command), command.summary);
  if (!command.options.empty()) out += "\noptions:\n" + option_lines(command.options);
  return out + "\nfor every command:\n" + option_lines(common_options());
}

std::string help_of_noun(const std::string& noun) {
  std::vector<const Command*> commands;
  for (const Command& command : all_commands())
    if (command.is_under(noun)) commands.push_back(&command);
  return fmt::format("usage: routerone {} COMMAND ..\n\n", noun) + command_lines(commands) +
         fmt::format("\nmore: routerone {} COMMAND --help\n", noun);
}

std::string help_of_all() {
  std::vector<const Command*> commands;
  for (const Command& command : all_commands()) commands.push_back(&command);
  return "usage: routerone COMMAND ..\n\nyour own LLM gateway on localhost\n\n" +
         command_lines(commands) + "\nmore: routerone COMMAND --help\n";
}

}  // namespace routerone::cli
