#include "cli/commands/parser.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands/command_names.h"
#include "cli/commands/complete.h"
#include "cli/commands/help.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

tl::unexpected<Error> not_a_command(const std::string& option) {
  return fail(ErrorKind::invalid,
              fmt::format("{} stands where a command should", printable(option, 40)),
              "routerone --help");
}

bool is_help(const std::string& word) { return word == "--help" || word == "-h"; }

bool asks_for_help(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end, is_help);
}

/// `--json keys list` as `keys list --json`: what every command takes may stand before it too.
void put_command_first(std::vector<std::string>& words) {
  std::size_t leading = 0;
  const auto is_common = [](const std::string& word) {
    return is_help(word) ||
           std::any_of(common_options().begin(), common_options().end(), [&](const Option& option) {
             return word == fmt::format("--{}", option.name) ||
                    word.starts_with(fmt::format("--{}=", option.name));
           });
  };
  while (leading < words.size() && is_common(words[leading]))
    leading += words[leading] == "--color" ? 2 : 1;
  leading = std::min(leading, words.size());
  const auto command = words.begin() + static_cast<std::ptrdiff_t>(leading);
  // Commands that are looked for as options.
  if (command != words.end() && (*command == "--version" || *command == "--map"))
    command->erase(0, 2);
  // Behind the words that name the command, and before any `--`.
  const auto named = std::find_if(command, words.end(),
                                  [](const std::string& word) { return word.starts_with('-'); });
  std::rotate(words.begin(), command, named);
}

/// `-2.5` is an amount, not an option.
bool is_number(const std::string& word) {
  return word.find_first_not_of("0123456789.", 1) == word.npos;
}

/// The parser of one command, made from its row in the table. CLI11 reads the options; what is left
/// is given to the arguments in their order.
class Reader {
 public:
  explicit Reader(const Command& command) : command_(command), app_("", command.name()) {
    app_.set_help_flag();
    app_.allow_extras();
    for (const auto* options : {&command.options, &common_options()})
      for (const Option& option : *options) add(option);
  }

  Result<Call::Values> read(std::vector<std::string> words) {
    // First, so that the value of an option that is not there is not taken for an argument.
    for (const std::string& word : words) {
      if (word == "--") break;
      if (!word.starts_with("--")) continue;
      const Option* option = find(word);
      if (!option) return no_such_option(word);
      if (option->is_flag() && word.find('=') != word.npos) return misused(word);
    }
    // What stands behind the first of these is nobody's option.
    const auto end = std::find(words.begin(), words.end(), "--");
    const std::vector<std::string> literal(end == words.end() ? end : end + 1, words.end());
    words.erase(end, words.end());
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    try {
      app_.parse(words);
    } catch (const CLI::ParseError& error) {
      return misused(error.what());
    }
    Call::Values values;
    for (const auto& [name, given] : texts_)
      if (!given.empty()) values[name] = given;
    for (const auto& [name, given] : flags_)
      if (given) values[name];
    TRY_STATUS(place(app_.remaining(), literal, values));
    TRY_STATUS(check(values));
    return values;
  }

 private:
  void add(const Option& option) {
    const std::string letter = option.letter == '\0' ? "" : fmt::format("-{},", option.letter);
    const std::string names = fmt::format("{}--{}", letter, option.name);
    if (option.is_flag()) {
      app_.add_flag(names, flags_[option.name]);
      return;
    }
    // One value each time it is given: what follows is not swallowed.
    app_.add_option(names, texts_[option.name])
        ->type_size(1)
        ->allow_extra_args(false)
        ->expected(1, option.repeats ? CLI::detail::expected_max_vector_size : 1)
        ->multi_option_policy(option.repeats ? CLI::MultiOptionPolicy::TakeAll
                                             : CLI::MultiOptionPolicy::Throw);
  }

  /// Hands the words that are no options to the arguments.
  Status place(std::vector<std::string> words, const std::vector<std::string>& literal,
               Call::Values& values) const {
    for (const std::string& word : words)
      if (word.size() > 1 && word.starts_with('-') && !is_number(word)) return no_such_option(word);
    words.insert(words.end(), literal.begin(), literal.end());
    auto next = words.begin();
    for (const Argument& argument : command_.arguments) {
      using Count = Argument::Count;
      const bool needed = argument.count == Count::one || argument.count == Count::some;
      if (next == words.end() && needed)
        return fail(ErrorKind::invalid, fmt::format("{} is missing", argument.value.name),
                    see_help());
      const bool rest = argument.count == Count::many || argument.count == Count::some;
      for (; next != words.end(); ++next) {
        values[argument.value.name].push_back(*next);
        if (!rest) {
          ++next;
          break;
        }
      }
    }
    if (next == words.end()) return {};
    return fail(ErrorKind::invalid,
                fmt::format("{} does not take \"{}\"", command_.name(), printable(*next, 40)),
                see_help());
  }

  /// Values that can only be some few words; what else there is to say of a value is the command's
  /// or the daemon's.
  Status check(const Call::Values& values) const {
    const auto check_all = [&](const Value& what, const std::string& name,
                               const std::string& called) -> Status {
      const auto given = values.find(name);
      if (what.kind != Value::Kind::choice || given == values.end()) return {};
      for (const std::string& one : given->second)
        TRY_STATUS(value::check_choice(what, called, one, see_help()));
      return {};
    };
    for (const auto* options : {&command_.options, &common_options()})
      for (const Option& option : *options)
        TRY_STATUS(check_all(option.value, option.name, fmt::format("--{}", option.name)));
    for (const Argument& argument : command_.arguments)
      TRY_STATUS(check_all(argument.value, argument.value.name, command_.name()));
    return {};
  }

  /// The option a `--word` or `--word=value` speaks of.
  const Option* find(const std::string& word) const {
    const std::string name = word.substr(2, word.find('=') - 2);
    for (const auto* options : {&command_.options, &common_options()})
      for (const Option& option : *options)
        if (name == option.name) return &option;
    return nullptr;
  }

  tl::unexpected<Error> no_such_option(const std::string& word) const {
    std::vector<std::string> known;
    for (const auto* options : {&command_.options, &common_options()})
      for (const Option& option : *options) known.emplace_back(option.name);
    const std::string wrong = word.substr(0, word.find('='));
    const std::string name = wrong.substr(std::min(wrong.size(), wrong.find_first_not_of('-')));
    const auto near = nearest(name, known, 1);
    return fail(ErrorKind::invalid,
                fmt::format("{} has no option {}", command_.name(), printable(wrong, 40)),
                is_filter(name) ? fmt::format("did you mean {}=VALUE, without dashes?", name)
                : near.empty()  ? see_help()
                                : fmt::format("did you mean --{}?", near.front()));
  }

  /// `traces list --since 2h` means a filter, which is no option there.
  bool is_filter(const std::string& name) const {
    const auto fields = filter_fields();
    return std::any_of(command_.arguments.begin(), command_.arguments.end(),
                       [](const Argument& one) { return one.value.kind == Value::Kind::filter; }) &&
           std::find(fields.begin(), fields.end(), name) != fields.end();
  }

  /// What CLI11 says begins with the option it is about; the rest we know better.
  tl::unexpected<Error> misused(const std::string& complaint) const {
    const std::string word = complaint.substr(0, complaint.find_first_of(":= "));
    const Option* option = word.starts_with("--") ? find(word) : nullptr;
    if (!option) return fail(ErrorKind::invalid, printable(complaint, 200), see_help());
    return fail(ErrorKind::invalid,
                option->is_flag() ? fmt::format("--{} takes no value", option->name)
                                  : fmt::format("--{0} takes one value: --{0} {1}", option->name,
                                                option->value.name),
                see_help());
  }

  std::string see_help() const { return fmt::format("routerone {} --help", command_.name()); }

  const Command& command_;
  CLI::App app_;
  std::map<std::string, std::vector<std::string>> texts_;
  std::map<std::string, bool> flags_;
};

}  // namespace

Result<Parsed> parse(std::vector<std::string> words) {
  Parsed parsed;
  put_command_first(words);
  if (words.empty() || words[0].starts_with('-')) {
    if (!words.empty() && !asks_for_help(words)) return not_a_command(words[0]);
    parsed.help = help_of_common();
    return parsed;
  }
  const Named named = find_command(words);
  if (!named.command) {
    const bool verb_missing_only =
        words.size() == named.words || words[named.words].starts_with('-');
    if (named.noun.empty() || !verb_missing_only) return no_such_command(named, words);
    if (!asks_for_help(words)) return verb_missing(named.noun);
    parsed.help = help_of_noun(named.noun);
    return parsed;
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(named.words));
  if (asks_for_help(words)) {
    parsed.help = help_of(*named.command);
    return parsed;
  }
  TRY(parsed.values, Reader(*named.command).read(std::move(words)));
  parsed.command = named.command;
  return parsed;
}

}  // namespace routerone::cli
