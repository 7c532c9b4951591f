#include "cli/commands/command_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/commands/table.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Strings = std::vector<std::string>;

/// What other programs call it.
constexpr std::pair<const char*, const char*> synonyms[] = {
    {"ls", "list"},       {"ps", "status"},      {"get", "show"},     {"info", "show"},
    {"describe", "show"}, {"new", "create"},     {"make", "create"},  {"rm", "remove"},
    {"delete", "remove"}, {"delete", "revoke"},  {"rm", "revoke"},    {"remove", "revoke"},
    {"add", "create"},    {"create", "add"},     {"rename", "alias"}, {"test", "doctor"},
    {"del", "remove"},    {"start", "up"},       {"stop", "down"},    {"edit", "update"},
    {"change", "update"}, {"cost", "usage"},     {"stats", "usage"},  {"log", "logs"},
    {"follow", "tail"},   {"watch", "tail"},     {"exec", "run"},     {"shell", "repl"},
    {"login", "init"},    {"configure", "setup"}};

bool names_something(const std::string& words) {
  const auto& all = all_commands();
  return std::any_of(all.begin(), all.end(),
                     [&](const Command& each) { return each.is_under(words); });
}

bool is_command(const std::string& name) {
  const auto& all = all_commands();
  return std::any_of(all.begin(), all.end(), [&](const Command& each) {
    return each.name() == name && each.rank != Command::Rank::hidden;
  });
}

/// Few enough slips to be the same word: a third of it. Neighbours that changed places count once.
bool is_slip_of(const std::string& wrong, const std::string& right) {
  std::vector<std::vector<std::size_t>> cost(wrong.size() + 1,
                                             std::vector<std::size_t>(right.size() + 1));
  for (std::size_t i = 0; i <= wrong.size(); ++i)
    for (std::size_t j = 0; j <= right.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const bool same = wrong[i - 1] == right[j - 1];
      cost[i][j] =
          std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && wrong[i - 1] == right[j - 2] && wrong[i - 2] == right[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost.back().back() <= std::max<std::size_t>(1, right.size() / 3);
}

/// The word that may stand behind `noun` and that `word` is, or is meant to be.
std::optional<std::string> meant(const std::string& word, const std::string& noun) {
  const Strings known = words_behind(noun);
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  for (const auto& [other, ours] : synonyms)
    if (other == word && std::find(known.begin(), known.end(), ours) != known.end()) return ours;
  for (const std::string& near : nearest(word, known, 3))
    if (is_slip_of(word, near)) return near;
  return std::nullopt;
}

/// What these words are, or are meant to be, slips in any of them forgiven: a command, or a noun
/// where they go no further.
std::string mended(const Strings& words) {
  std::string said;
  for (const std::string& word : words) {
    const auto right = meant(word, said);
    if (!right) break;
    said += (said.empty() ? "" : " ") + *right;
    if (is_command(said)) break;
  }
  return said;
}

/// `create` alone: the first command that ends so.
std::string with_verb(const std::string& word) {
  for (const Command& command : all_commands())
    if (command.rank != Command::Rank::hidden && *command.noun != '\0' &&
        is_slip_of(word, command.verb))
      return command.name();
  return {};
}

/// The words that can name a command: those before the first option, and few. `"keys list"` is two.
Strings leading(const Strings& words) {
  Strings out;
  for (const std::string& word : words) {
    if (word.empty() || word.starts_with('-') || word.size() > 40) break;
    for (const std::string_view part : split(word, ' '))
      if (out.size() < 3) out.push_back(lower(part));
  }
  return out;
}

}  // namespace

Named find_command(const Strings& words) {
  Named named;
  std::string said;
  for (const std::string& word : words) {
    if (word.empty() || word.starts_with('-') || word.find(' ') != word.npos) break;
    said += (said.empty() ? "" : " ") + word;
    if (!names_something(said)) break;
    ++named.words;
    const auto& all = all_commands();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Command& each) { return each.name() == said; });
    if (found != all.end()) {
      named.command = &*found;
      break;
    }
    named.noun = said;
  }
  return named;
}

Strings words_behind(const std::string& noun) {
  Strings behind;
  for (const Command& command : all_commands()) {
    if (!command.is_under(noun) || command.rank == Command::Rank::hidden) continue;
    const std::string rest = command.name().substr(noun.empty() ? 0 : noun.size() + 1);
    std::string word = rest.substr(0, rest.find(' '));
    if (std::find(behind.begin(), behind.end(), word) == behind.end())
      behind.push_back(std::move(word));
  }
  return behind;
}

std::string likely_command(const Strings& words) {
  Strings said = leading(words);
  if (said.empty()) return {};
  const std::string as_said = mended(said);
  if (is_command(as_said)) return as_said;
  if (said.size() > 1) {
    std::swap(said[0], said[1]);
    if (const std::string turned = mended(said); is_command(turned)) return turned;
    std::swap(said[0], said[1]);
  }
  return as_said.empty() ? with_verb(said[0]) : as_said;
}

tl::unexpected<Error> no_such_command(const Named& named, const Strings& words) {
  const std::string prefix = named.noun.empty() ? "" : named.noun + " ";
  const std::string near = likely_command(words);
  // `keys xyz` is not mended by `keys`.
  const bool helps = !near.empty() && near != named.noun;
  return fail(
      ErrorKind::invalid,
      fmt::format("there is no command \"{}{}\"", prefix, printable(words[named.words], 40)),
      helps ? fmt::format("did you mean: routerone {}", near)
            : fmt::format("routerone {}--help", prefix));
}

tl::unexpected<Error> verb_missing(const std::string& noun) {
  return fail(ErrorKind::invalid,
              fmt::format("{} needs a command: {}", noun, fmt::join(words_behind(noun), ", ")),
              fmt::format("routerone {} --help", noun));
}

}  // namespace routerone::cli
