#include "cli/commands/repl_line.h"

#include <algorithm>
#include <array>

#include "cli/secrets/split_words.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

/// How tokens of known services begin, ours among them.
constexpr std::array<std::string_view, 16> beginnings = {
    "sk-",         "sk_", "rk-",    "rk_",  "pk_", "aiza", "ghp_", "gho_",
    "github_pat_", "xox", "glpat-", "akia", "hf_", "gsk_", "xai-", "eyj"};
constexpr std::size_t shortest_token = 16;

/// Words that stand in front of a secret.
constexpr std::array<std::string_view, 9> announcements = {"bearer ",  "authorization", "password",
                                                           "passwd",   "secret=",       "token=",
                                                           "api-key:", "api_key=",      "--header"};

/// A run of letters and digits that nobody would choose as a name. Names, ids and versions have
/// their dashes, dots and slashes.
bool is_random(std::string_view run) {
  constexpr std::size_t longest_name = 19;
  return run.size() > longest_name && std::any_of(run.begin(), run.end(), is_digit) &&
         std::any_of(run.begin(), run.end(), is_letter);
}

bool has_random_run(std::string_view word) {
  std::size_t from = 0;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    if (i < word.size() && (is_digit(word[i]) || is_letter(word[i]))) continue;
    if (is_random(word.substr(from, i - from))) return true;
    from = i + 1;
  }
  return false;
}

bool has_known_beginning(std::string_view small) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view beginning) {
    for (auto at = small.find(beginning); at != small.npos; at = small.find(beginning, at + 1)) {
      const bool starts = at == 0 || !(is_digit(small[at - 1]) || is_letter(small[at - 1]));
      if (starts && small.size() - at >= shortest_token) return true;
    }
    return false;
  });
}

/// `--key-from -` and `--key-from=prompt`: what follows is the secret.
bool asks_for_secret(const std::vector<std::string>& words) {
  const auto reads = [](std::string_view value) { return value == "-" || value == "prompt"; };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto equals = word.find('=');
    if (!word.starts_with("--") || !word.substr(0, equals).ends_with("-from")) continue;
    if (equals != word.npos ? reads(word.substr(equals + 1))
                            : i + 1 < words.size() && reads(words[i + 1]))
      return true;
  }
  return false;
}

}  // namespace

Result<std::vector<std::string>> read_repl_line(std::string_view line) {
  CutLine cut = cut_line(line, true);
  if (cut.open_quote != '\0')
    return fail(ErrorKind::invalid, "a quote is not closed",
                std::string("close it with ") + cut.open_quote);
  if (!cut.words.empty() && cut.words.front() == "routerone") cut.words.erase(cut.words.begin());
  return std::move(cut.words);
}

bool may_be_remembered(std::string_view line) {
  if (line.empty() || line.front() == ' ') return false;
  const std::string small = lower(line);
  if (std::any_of(announcements.begin(), announcements.end(),
                  [&](std::string_view each) { return small.find(each) != small.npos; }))
    return false;
  const CutLine cut = cut_line(line);
  if (asks_for_secret(cut.words)) return false;
  return std::none_of(cut.words.begin(), cut.words.end(), [](const std::string& word) {
    return has_random_run(word) || has_known_beginning(lower(word));
  });
}

}  // namespace routerone::cli
