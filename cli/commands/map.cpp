#include "cli/commands/map.h"

#include <fmt/format.h>

#include "cli/commands/exit_codes.h"
#include "cli/commands/help.h"
#include "cli/commands/help_text.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "common/control/contract.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

Json value_json(const Value& value) {
  Json choices = Json::array();
  if (value.kind == Value::Kind::choice)
    for (const std::string_view choice : split(value.choices, '|')) choices.push_back(choice);
  return {{"name", value.name},
          {"kind", value::word_of(value.kind)},
          {"means", words_of(value)},
          {"list", value.is_list()},
          {"choices", choices}};
}

Json argument_json(const Argument& argument) {
  using Count = Argument::Count;
  Json out = value_json(argument.value);
  out["means"] = words_of(argument);
  out["required"] = argument.count == Count::one || argument.count == Count::some;
  out["repeats"] = argument.count == Count::many || argument.count == Count::some;
  return out;
}

Json option_json(const Option& option) {
  return {{"name", fmt::format("--{}", option.name)},
          {"letter", option.letter == '\0' ? Json() : Json(fmt::format("-{}", option.letter))},
          {"shown", shown(option)},
          {"help", option.help},
          {"group", option.group},
          {"repeats", option.repeats},
          {"value", option.is_flag() ? Json() : value_json(option.value)}};
}

Json options_json(const std::vector<Option>& options) {
  Json out = Json::array();
  for (const Option& option : options) out.push_back(option_json(option));
  return out;
}

const char* effect_of(const Command& command) {
  switch (command.effect) {
    case Command::Effect::reads:
      return "reads";
    case Command::Effect::changes:
      return "changes";
    case Command::Effect::destroys:
      return "destroys";
  }
  return "reads";
}

Json prints_json(const Command& command) {
  if (*command.prints == '\0') return nullptr;
  const Printed what = printed(command);
  return {{"shape", what.shape}, {"how", what.how}};
}

}  // namespace

Printed printed(const Command& command) {
  const std::string_view prints = command.prints;
  if (const auto bar = prints.find('|'); bar != prints.npos)
    return {std::string(prints.substr(0, bar)), "one or array"};
  if (prints.starts_with('[')) return {std::string(prints.substr(1, prints.size() - 2)), "array"};
  if (prints.ends_with("..")) return {std::string(prints.substr(0, prints.size() - 2)), "lines"};
  return {std::string(prints), "one"};
}

Json map_of(const Command& command) {
  Json arguments = Json::array(), examples = Json::array(), exits = Json::array(),
       others = Json::array();
  for (const Argument& argument : command.arguments) arguments.push_back(argument_json(argument));
  for (const Example& example : command.examples)
    examples.push_back(
        {{"says", example.says}, {"line", example.shown()}, {"exit_code", example.exit_code}});
  for (const Exit& exit : command.exits)
    exits.push_back({{"code", exit.code}, {"means", exit.means}});
  for (const Command* other : related(command)) others.push_back(other->name());
  return {{"name", command.name()},
          {"noun", command.noun},
          {"verb", command.verb},
          {"task", command.task},
          {"common", command.rank == Command::Rank::common},
          {"hidden", command.rank == Command::Rank::hidden},
          {"summary", command.summary},
          {"about", command.about},
          {"usage", fmt::format("routerone {}", usage_of(command))},
          {"effect", effect_of(command)},
          {"asks", command.effect == Command::Effect::destroys},
          {"arguments", arguments},
          {"options", options_json(command.options)},
          {"examples", examples},
          {"prints", prints_json(command)},
          {"exit_codes", exits},
          {"see_also", others}};
}

std::string outline() {
  std::string out;
  for (const Command& command : all_commands()) {
    std::string line = usage_of(command);
    if (const auto at = line.find(" [OPTION..]"); at != line.npos) line.erase(at, 11);
    for (const Option& option : command.options) line += fmt::format(" [{}]", shown(option));
    out += line + "\n";
  }
  return out;
}

Json map_of_all() {
  Json codes = Json::array(), commands = Json::array();
  for (const ExitCode& each : exit_codes())
    codes.push_back({{"code", each.code}, {"means", each.means}, {"then", each.then}});
  for (const Command& command : all_commands()) commands.push_back(map_of(command));
  return {{"schema", control::schema_version},
          {"program", "routerone"},
          {"version", ROUTERONE_VERSION},
          {"exit_codes", codes},
          {"common_options", options_json(common_options())},
          {"commands", commands}};
}

}  // namespace routerone::cli
