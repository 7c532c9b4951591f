#include "cli/commands/complete.h"

#include <algorithm>
#include <optional>
#include <set>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Strings = std::vector<std::string>;
using Kind = Value::Kind;
constexpr std::size_t longest_word = 4096;
constexpr std::size_t longest_about = 60;

/// `-2.5` is an amount, and `-` stands for standard input.
bool looks_like_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word.find_first_not_of("0123456789.", 1) != word.npos;
}

bool takes_many(const Argument& argument) {
  return argument.count == Argument::Count::many || argument.count == Argument::Count::some;
}

/// Reads a line up to the cursor, then says what may come.
class Line {
 public:
  Line(const Strings& words, const std::vector<Command>& table, const NameSource& names)
      : words_(words), table_(table), names_(names) {}

  Completion complete() {
    const std::string& typed = words_.back();
    for (; at_ + 1 < words_.size(); ++at_)
      if (!take(words_[at_])) return {};
    if (inner_ != 0) return our_own_words(inner_);
    if (waiting_) return value(waiting_->value, "", typed);
    if (!literal_ && typed.starts_with("--") && typed.find('=') != typed.npos)
      return value_of_option(typed);
    if (!literal_ && (typed == "-" || looks_like_option(typed))) return options();
    if (!command_) return command_words();
    return argument(typed);
  }

 private:
  /// False: the word is one that no command has in its place.
  bool take(const std::string& word) {
    if (inner_ != 0) return true;
    if (waiting_) {
      waiting_ = nullptr;
    } else if (literal_) {
      ++taken_;
    } else if (word == "--") {
      literal_ = true;
      behind_ = at_ + 1;
    } else if (looks_like_option(word)) {
      take_option(word);
    } else if (command_) {
      take_argument(word);
    } else {
      return take_command_word(word);
    }
    return true;
  }

  void take_option(const std::string& word) {
    const auto equals = word.find('=');
    const Option* option = find(word.substr(0, equals));
    if (!option) return;
    given_.insert(option->name);
    if (!option->is_flag() && equals == word.npos) waiting_ = option;
  }

  void take_argument(const std::string& word) {
    const Argument* place = next_argument();
    if (place &&
        (place->value.kind == Kind::provider || place->value.kind == Kind::catalog_provider) &&
        provider_.empty())
      provider_ = word;
    if (place && place->value.kind == Kind::command) inner_ = at_;
    ++taken_;
  }

  bool take_command_word(const std::string& word) {
    const std::string said = said_ + (said_.empty() ? "" : " ") + word;
    bool begins_one = false;
    for (const Command& each : table_) {
      if (each.rank == Command::Rank::hidden || !each.is_under(said)) continue;
      begins_one = true;
      if (each.name() == said) command_ = &each;
    }
    said_ = said;
    return begins_one;
  }

  /// `--name` or `-n`
  const Option* find(const std::string& word) const {
    static const std::vector<Option> none;
    for (const auto* options : {command_ ? &command_->options : &none, &common_options()})
      for (const Option& option : *options)
        if (word == std::string("--") + option.name ||
            (option.letter != '\0' && word == std::string("-") + option.letter))
          return &option;
    return nullptr;
  }

  const Argument* next_argument() const {
    const auto& arguments = command_->arguments;
    if (arguments.empty()) return nullptr;
    if (taken_ < arguments.size()) return &arguments[taken_];
    return takes_many(arguments.back()) ? &arguments.back() : nullptr;
  }

  Completion value(const Value& what, const std::string& lead, const std::string& typed) const {
    return ValueCompleter(names_, provider_).complete(what, lead, typed);
  }

  Completion value_of_option(const std::string& typed) const {
    const auto equals = typed.find('=');
    const Option* option = find(typed.substr(0, equals));
    if (!option || option->is_flag()) return {};
    return value(option->value, typed.substr(0, equals + 1), typed.substr(equals + 1));
  }

  Completion options() const {
    Completion out;
    const auto offer = [&](const std::vector<Option>& options) {
      for (const Option& option : options)
        if (option.repeats || !given_.contains(option.name))
          out.candidates.push_back({std::string("--") + option.name, option.help});
    };
    if (command_) offer(command_->options);
    offer(common_options());
    if (said_.empty()) out.candidates.push_back({"--version", "show the version"});
    return begun_with(std::move(out), words_.back());
  }

  /// The next word of each command that begins with what was said.
  Completion command_words() const {
    Completion out;
    std::set<std::string> seen;
    for (const Command& each : table_) {
      if (each.rank == Command::Rank::hidden || !each.is_under(said_)) continue;
      const std::string rest = each.name().substr(said_.empty() ? 0 : said_.size() + 1);
      const std::string word = rest.substr(0, rest.find(' '));
      if (!seen.insert(word).second) continue;
      out.candidates.push_back({word, word == rest ? each.summary : verbs_of(word)});
    }
    return begun_with(std::move(out), words_.back());
  }

  /// `create, list, show`, for a noun that has a word of ours before each of them.
  std::string verbs_of(const std::string& noun) const {
    const std::string whole = said_ + (said_.empty() ? "" : " ") + noun;
    std::string out;
    std::set<std::string> seen;
    for (const Command& each : table_) {
      if (each.rank == Command::Rank::hidden || !each.is_under(whole)) continue;
      const std::string rest = each.name().substr(whole.size() + 1);
      const std::string verb = rest.substr(0, rest.find(' '));
      if (seen.insert(verb).second) out += (out.empty() ? "" : ", ") + verb;
    }
    return out;
  }

  Completion argument(const std::string& typed) const {
    const Argument* place = next_argument();
    if (!place) return typed.empty() && !literal_ ? options() : Completion();
    if (place->value.kind == Kind::program) return another_program(typed);
    if (place->value.kind == Kind::command) return our_own_words(at_);
    Completion out = value(place->value, "", typed);
    std::erase_if(out.candidates, [&](const Candidate& one) { return was_given(one.text); });
    return out;
  }

  /// A command that takes many of a thing takes each once.
  bool was_given(const std::string& text) const {
    const bool many = takes_many(command_->arguments.back());
    return many && std::find(words_.begin(), words_.end() - 1, text) != words_.end() - 1;
  }

  Completion another_program(const std::string& typed) const {
    Completion out;
    if (literal_) {
      out.also = Completion::Also::behind;
      out.from = behind_;
    } else if (taken_ > 0) {
      out.also = Completion::Also::files;
    } else if (typed.empty()) {
      out.candidates.push_back({"--", "then the program and its own words"});
    } else {
      out.also = Completion::Also::programs;
    }
    return out;
  }

  Completion our_own_words(std::size_t begin) const {
    const Strings rest(words_.begin() + static_cast<std::ptrdiff_t>(begin), words_.end());
    return Line(rest, table_, names_).complete();
  }

  static Completion begun_with(Completion all, const std::string& typed) {
    std::erase_if(all.candidates,
                  [&](const Candidate& one) { return !one.text.starts_with(typed); });
    return all;
  }

  const Strings& words_;
  const std::vector<Command>& table_;
  const NameSource& names_;

  std::size_t at_ = 0;
  std::string said_;  ///< The words of a command, as far as they go.
  const Command* command_ = nullptr;
  const Option* waiting_ = nullptr;  ///< Its value is the next word.
  bool literal_ = false;             ///< Behind `--`.
  std::size_t behind_ = 0;           ///< The word after it.
  std::size_t taken_ = 0;            ///< Arguments.
  std::size_t inner_ = 0;  ///< Where a command of ours begins inside this one; 0: nowhere.
  std::string provider_;
  std::set<std::string> given_;  ///< Options.
};

bool harmless(const std::string& text) {
  return text.size() <= longest_word && printable(text, longest_word) == text;
}

}  // namespace

Completion complete(const Strings& words, const std::vector<Command>& table,
                    const NameSource& names) {
  if (words.empty()) return {};
  Completion out = Line(words, table, names).complete();
  std::erase_if(out.candidates, [](const Candidate& one) { return !harmless(one.text); });
  for (Candidate& one : out.candidates) one.about = printable(one.about, longest_about);
  return out;
}

}  // namespace routerone::cli
