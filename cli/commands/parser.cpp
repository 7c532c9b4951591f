#include "cli/commands/parser.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands/help.h"
#include "cli/commands/table.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

/// The part of a command line that names the command: `keys create`.
struct Named {
  const Command* command = nullptr;
  std::string noun;  ///< A noun whose verb is missing or wrong.
  std::size_t words = 0;
};

Named find_command(const std::vector<std::string>& words) {
  Named named;
  if (words.empty()) return named;
  for (const Command& command : all_commands()) {
    const bool alone = *command.noun == '\0';
    if (alone && words[0] == command.verb) return {&command, "", 1};
    if (alone || words[0] != command.noun) continue;
    named.noun = command.noun;
    if (words.size() > 1 && words[1] == command.verb) return {&command, command.noun, 2};
  }
  return named;
}

std::string did_you_mean(const std::string& wrong, const std::vector<std::string>& candidates,
                         std::string otherwise) {
  const auto near = nearest(wrong, candidates, 1);
  return near.empty() ? otherwise : fmt::format("did you mean {}?", near.front());
}

tl::unexpected<Error> unknown_command(const Named& named, const std::vector<std::string>& words) {
  std::vector<std::string> candidates;
  for (const Command& command : all_commands()) {
    if (!named.noun.empty()) {
      if (named.noun == command.noun) candidates.emplace_back(command.verb);
    } else {
      candidates.emplace_back(*command.noun == '\0' ? command.verb : command.noun);
    }
  }
  const std::string& wrong = words[named.noun.empty() ? 0 : 1];
  const std::string prefix = named.noun.empty() ? "" : named.noun + " ";
  return fail(ErrorKind::invalid,
              fmt::format("there is no command \"{}{}\"", prefix, printable(wrong, 40)),
              did_you_mean(wrong, candidates, fmt::format("routerone {}--help", prefix)));
}

bool asks_for_help(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end,
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

/// The parser of one command, made from its row in the table.
class Reader {
 public:
  explicit Reader(const Command& command) : command_(command), app_("", command.name()) {
    app_.set_help_flag();
    for (const Option& option : command.options) add(option);
    for (const Option& option : common_options()) add(option);
    for (const Argument& argument : command.arguments) add(argument);
  }

  Result<Call::Values> read(std::vector<std::string> words) {
    for (const std::string& word : words) {
      if (word == "--") break;
      if (word.starts_with("--") && !knows(word.substr(2, word.find('=') - 2)))
        return no_such_option(word);
    }
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    try {
      app_.parse(words);
    } catch (const CLI::ExtrasError&) {
      return too_many_words();
    } catch (const CLI::ArgumentMismatch& error) {
      const bool option = std::string_view(error.what()).starts_with("--");
      if (!option) return too_many_words();
      return fail(ErrorKind::invalid, printable(error.what(), 200), see_help());
    } catch (const CLI::ParseError& error) {
      return fail(ErrorKind::invalid, printable(error.what(), 200), see_help());
    }
    Call::Values values;
    for (const auto& [name, given] : texts_)
      if (!given.empty()) values[name] = given;
    for (const auto& [name, given] : flags_)
      if (given) values[name];
    for (const Argument& argument : command_.arguments)
      if (argument.count == Argument::Count::one && !values.contains(argument.name))
        return fail(ErrorKind::invalid, fmt::format("{} is missing", argument.name), see_help());
    return values;
  }

 private:
  void add(const Option& option) {
    const std::string flag = fmt::format("--{}", option.name);
    if (*option.value == '\0') {
      app_.add_flag(flag, flags_[option.name]);
    } else {
      // One value each time it is given: what follows is not swallowed.
      app_.add_option(flag, texts_[option.name])
          ->type_size(1)
          ->allow_extra_args(false)
          ->expected(1, option.repeats ? CLI::detail::expected_max_vector_size : 1)
          ->multi_option_policy(option.repeats ? CLI::MultiOptionPolicy::TakeAll
                                               : CLI::MultiOptionPolicy::Throw);
    }
  }
  void add(const Argument& argument) {
    auto* const option = app_.add_option(argument.name, texts_[argument.name]);
    option->type_size(1);
    if (argument.count == Argument::Count::many)
      option->expected(0, CLI::detail::expected_max_vector_size);
    else
      option->expected(0, 1);
  }

  bool knows(const std::string& name) const {
    return texts_.contains(name) || flags_.contains(name);
  }

  tl::unexpected<Error> no_such_option(const std::string& word) const {
    std::vector<std::string> known;
    for (const auto* options : {&command_.options, &common_options()})
      for (const Option& option : *options) known.push_back(fmt::format("--{}", option.name));
    const std::string wrong = word.substr(0, word.find('='));
    return fail(ErrorKind::invalid,
                fmt::format("{} has no option {}", command_.name(), printable(wrong, 40)),
                did_you_mean(wrong, known, see_help()));
  }

  tl::unexpected<Error> too_many_words() const {
    return fail(ErrorKind::invalid, fmt::format("{} takes fewer words", command_.name()),
                see_help());
  }

  std::string see_help() const { return fmt::format("routerone {} --help", command_.name()); }

  const Command& command_;
  CLI::App app_;
  std::map<std::string, std::vector<std::string>> texts_;
  std::map<std::string, bool> flags_;
};

}  // namespace

Result<Parsed> parse(const std::vector<std::string>& words) {
  Parsed parsed;
  if (words.empty() || words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
    parsed.help = help_of_all();
    return parsed;
  }
  if (words[0] == "--version") return parse({"version"});
  const Named named = find_command(words);
  if (!named.command) {
    const bool only_noun = !named.noun.empty() && (words.size() == 1 || words[1].starts_with("-"));
    if (!only_noun) return unknown_command(named, words);
    parsed.help = help_of_noun(named.noun);
    return parsed;
  }
  const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(named.words),
                                      words.end());
  if (asks_for_help(rest)) {
    parsed.help = help_of(*named.command);
    return parsed;
  }
  TRY(parsed.values, Reader(*named.command).read(rest));
  parsed.command = named.command;
  return parsed;
}

}  // namespace routerone::cli
