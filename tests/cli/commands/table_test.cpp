#include "cli/commands/table.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "cli/commands/map.h"
#include "cli/commands/shapes.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Count = Argument::Count;
using Kind = Value::Kind;

TEST_CASE(
    "every command has a name of its own, a summary that fits a line, and something it does") {
  std::set<std::string> names;
  for (const Command& command : all_commands()) {
    const std::string name = command.name(), summary = command.summary;
    CAPTURE(name);
    CHECK(names.insert(name).second);
    CHECK(summary.size() > 10);
    CHECK(name.size() + summary.size() + 4 <= 80);
    CHECK((command.run != nullptr));
    CHECK(std::string(command.task) != "");
    for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i)
      CHECK((command.arguments[i].count == Count::one));  // the rest would be guessing
  }
}

TEST_CASE("summaries and helps are told in one voice") {
  const auto in_voice = [](std::string text) {
    CAPTURE(text);
    CHECK((!text.ends_with('.') || text.ends_with("..")));
    CHECK_FALSE(text.starts_with(' '));
    CHECK(text.find('\n') == text.npos);
  };
  for (const Command& command : all_commands()) {
    CAPTURE(command.name());
    in_voice(command.summary);
    CHECK(command.summary[0] == lower(command.summary[0]));
    for (const Option& option : command.options) in_voice(option.help);
  }
}

TEST_CASE("nouns and verbs are of one kind everywhere") {
  const std::set<std::string> nouns = {"keys",           "projects", "budgets", "providers",
                                       "providers keys", "models",   "routes",  "traces",
                                       "config",         ""};
  for (const Command& command : all_commands()) {
    if (command.rank == Command::Rank::hidden) continue;
    CAPTURE(command.name());
    CHECK(nouns.contains(command.noun));
    for (const char c : command.name()) CHECK(((c >= 'a' && c <= 'z') || c == ' '));
    const std::string verb = command.verb;
    // One word for one thing: never `delete` here and `remove` there.
    for (const char* other : {"delete", "rm", "get", "ls", "new", "edit", "info"})
      CHECK(verb != other);
    if (verb == "list" || verb == "show") CHECK((command.effect == Command::Effect::reads));
    if (verb == "create" || verb == "update") CHECK((command.effect != Command::Effect::reads));
    if (verb == "remove" || verb == "revoke") CHECK((command.effect == Command::Effect::destroys));
  }
}

TEST_CASE("no option of a command is named twice, and each says what it does") {
  for (const Command& command : all_commands()) {
    CAPTURE(command.name());
    std::set<std::string> names;
    std::set<char> letters;
    for (const auto* options : {&command.options, &common_options()})
      for (const Option& option : *options) {
        CAPTURE(option.name);
        CHECK(names.insert(option.name).second);
        CHECK_FALSE(std::string(option.help).empty());
        if (option.letter != '\0') CHECK(letters.insert(option.letter).second);
      }
  }
}

/// Does this take what opens something, and not the name of it or the place where it is?
bool may_be_secret(const std::string& name, const Value& value) {
  if (value.kind == Kind::none) return false;
  for (const char* word : {"key", "token", "secret", "password", "passwd", "login", "auth",
                           "credential", "bearer", "pepper"}) {
    if (name.find(word) == name.npos) continue;
    const bool harmless = value.kind == Kind::reference || value.kind == Kind::key ||
                          value.kind == Kind::credential || value.kind == Kind::number ||
                          value.kind == Kind::choice || value.kind == Kind::file ||
                          std::string(value.name) == "NAME" || std::string(value.name) == "IN,OUT";
    if (!harmless) return true;
  }
  return false;
}

TEST_CASE("no option and no argument takes a secret, only its name or where it is") {
  for (const Command& command : all_commands()) {
    CAPTURE(command.name());
    for (const Option& option : command.options) {
      CAPTURE(option.name);
      CHECK_FALSE(may_be_secret(option.name, option.value));
      const std::string name = option.name;
      if (name.ends_with("-from") && option.value.kind != Kind::file)
        CHECK((option.value.kind == Kind::reference));
    }
    for (const Argument& argument : command.arguments)
      CHECK_FALSE(may_be_secret(lower(argument.value.name), argument.value));
  }
  // What the rule is for.
  CHECK(may_be_secret("api-key", Value("KEY")));
  CHECK(may_be_secret("password", Value("TEXT")));
  CHECK_FALSE(may_be_secret("key", Value("NAME", Kind::key)));
}

TEST_CASE("what stands for a name says of what, so that it can be completed") {
  for (const Command& command : all_commands()) {
    CAPTURE(command.name());
    for (const Argument& argument : command.arguments) {
      CAPTURE(argument.value.name);
      const std::string name = argument.value.name;
      const bool named = name == "NAME" || name == "ID" || name == "MODEL" || name == "SCOPE" ||
                         name == "FILTER" || name == "FILE" || name == "CMD" || name == "TOOL";
      // A new name is nobody's yet; then it is said what it will be.
      if (named && argument.value.kind == Kind::text) CHECK(std::string(argument.help) != "");
    }
    for (const Option& option : command.options) {
      CAPTURE(option.name);
      if (option.value.kind == Kind::choice)
        CHECK(split(option.value.choices, '|').size() >= 2);
      else
        CHECK(std::string(option.value.choices).empty());
      const std::string name = option.value.name;
      if (name == "N" || name == "USD" || name == "FILE" || name == "URL")
        CHECK((option.value.kind != Kind::text));
    }
  }
}

TEST_CASE("every command has lines that can be typed, and what it prints is promised") {
  for (const Command& command : all_commands()) {
    CAPTURE(command.name());
    CHECK((!command.examples.empty() || command.rank == Command::Rank::hidden));
    for (const Example& example : command.examples) {
      const std::string line = example.shown();
      CAPTURE(line);
      CHECK(std::string(example.says).size() > 3);
      CHECK(line.size() + 2 <= 120);
      const std::string name = command.name();
      CHECK((line.find("routerone " + name) != line.npos || name == "map"));
    }
    if (*command.prints == '\0') continue;
    CAPTURE(command.prints);
    CHECK_FALSE(schema_of(printed(command)).is_null());
  }
}

}  // namespace
}  // namespace routerone::cli
