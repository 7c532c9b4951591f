#include "cli/agents/words.h"

#include <fmt/format.h>

#include <functional>

namespace routerone::cli {
namespace {

struct Hit {
  std::size_t words = 0;  ///< How many the option takes up; 0: this is not it.
  std::string value;
};

Hit hit_at(const Words& words, std::size_t at, Spelling option) {
  const std::string_view word = words[at];
  const std::string name = fmt::format("--{}", option.name);
  const bool letter =
      option.letter != '\0' && word.size() > 1 && word[0] == '-' && word[1] == option.letter;
  if (word == name || (letter && word.size() == 2)) {
    const bool more = at + 1 < words.size();
    return {more ? 2U : 1U, more ? words[at + 1] : ""};
  }
  if (word.starts_with(name + "=")) return {1, std::string(word.substr(name.size() + 1))};
  if (letter) return {1, std::string(word.substr(word[2] == '=' ? 3 : 2))};
  return {};
}

/// Goes through the words up to a `--`; `other` gets all that is not the option.
void walk(const Words& words, Spelling option, const std::function<void(std::string)>& found,
          const std::function<void(std::string)>& other) {
  bool open = true;
  for (std::size_t at = 0; at < words.size();) {
    open = open && words[at] != "--";
    const Hit hit = open ? hit_at(words, at, option) : Hit{};
    if (hit.words > 0) found(hit.value);
    if (hit.words == 0) other(words[at]);
    at += hit.words > 0 ? hit.words : 1;
  }
}

}  // namespace

Words option_values(const Words& words, Spelling option) {
  Words values;
  walk(
      words, option, [&](std::string value) { values.push_back(std::move(value)); },
      [](const std::string&) {});
  return values;
}

bool has_option(const Words& words, Spelling option) {
  return !option_values(words, option).empty();
}

Words without_option(const Words& words, Spelling option) {
  Words rest;
  walk(
      words, option, [](const std::string&) {},
      [&](std::string word) { rest.push_back(std::move(word)); });
  return rest;
}

void insert_options(Words& command, const Words& more) {
  command.insert(command.begin() + 1, more.begin(), more.end());
}

std::string url_of(std::string_view address, std::string_view path) {
  return fmt::format("http://{}{}", address, path);
}

}  // namespace routerone::cli
