#include "cli/commands/repl_complete.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/secrets/split_words.h"
#include "common/core/text.h"
#include "common/platform/environment.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

/// The words whose continuation the REPL's own word takes: `open ID` is `traces show ID`.
std::vector<std::string> as_commands(std::vector<std::string> words) {
  if (words.front() == "routerone") words.erase(words.begin());
  if (words.size() < 2) return words;
  const std::string first = words.front();
  const auto replace = [&](std::size_t count, std::vector<std::string> with) {
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
    words.insert(words.begin(), with.begin(), with.end());
  };
  const bool interval = first == "watch" && words.size() > 2 && !words[1].empty() &&
                        words[1].find_first_not_of("0123456789smh") == std::string::npos;
  if (first == "tail" || first == "filter") replace(1, {"traces", "tail"});
  if (first == "open") replace(1, {"traces", "show"});
  if (first == "help") replace(1, {});
  if (first == "watch") replace(interval ? 2 : 1, {});
  return words;
}

void add_files(const std::string& begun, bool folders_only, std::vector<Candidate>& to) {
  const auto slash = begun.rfind('/');
  const std::string before = slash == begun.npos ? "" : begun.substr(0, slash + 1);
  const std::string name = begun.substr(before.size());
  std::error_code problem;
  for (fs::directory_iterator entry(before.empty() ? "." : before, problem), end;
       !problem && entry != end; entry.increment(problem)) {
    const std::string found = entry->path().filename().string();
    const bool hidden = found.starts_with('.') && !name.starts_with('.');
    std::error_code unknown;
    const bool folder = entry->is_directory(unknown);
    if (!found.starts_with(name) || hidden || (folders_only && !folder)) continue;
    to.push_back({before + found + (folder ? "/" : ""), "", !folder});
  }
}

/// On PATH.
void add_programs(const std::string& begun, std::vector<Candidate>& to) {
  const Environment variables = environment_of_process();
  const auto path = variables.find("PATH");
  if (path == variables.end()) return;
  for (const std::string_view folder : split(path->second, ':')) {
    std::vector<Candidate> files;
    const std::string inside = std::string(folder) + "/";
    add_files(inside + begun, false, files);
    for (const Candidate& file : files)
      if (file.ends && ::access(file.text.c_str(), X_OK) == 0)
        to.push_back({file.text.substr(inside.size()), "", true});
  }
}

/// What only the system knows: files, and behind `run --` programs and what they are given.
void add_of_system(const Completion& found, const std::vector<std::string>& words,
                   std::vector<Candidate>& to) {
  using Also = Completion::Also;
  const std::string& typed = words.back();
  const bool program = found.also == Also::programs ||
                       (found.also == Also::behind && found.from + 1 == words.size());
  if (program && typed.find('/') == typed.npos) return add_programs(typed, to);
  if (found.also == Also::nothing) return;
  const bool path_inside = found.also == Also::files || found.also == Also::folders;
  const std::size_t from = path_inside ? std::min(found.from, typed.size()) : 0;
  std::vector<Candidate> files;
  add_files(typed.substr(from), found.also == Also::folders, files);
  for (Candidate& file : files) to.push_back({typed.substr(0, from) + file.text, "", file.ends});
}

std::string quoted(const std::string& text, char open_quote) {
  std::string out;
  for (const char c : text) {
    const bool special = open_quote == '"' ? c == '"' || c == '\\' || c == '$'
                         : open_quote == '\''
                             ? false
                             : std::string_view(" \t\\'\"#").find(c) != std::string_view::npos;
    if (special) out += '\\';
    out += c;
  }
  return out;
}

std::string common_beginning(const std::vector<Candidate>& candidates) {
  std::string common = candidates.front().text;
  for (const Candidate& each : candidates) {
    const auto differ =
        std::mismatch(common.begin(), common.end(), each.text.begin(), each.text.end());
    common.erase(differ.first, common.end());
  }
  // Not in the middle of a character.
  while (!common.empty() && common.size() < candidates.front().text.size() &&
         (static_cast<unsigned char>(candidates.front().text[common.size()]) & 0xc0) == 0x80)
    common.pop_back();
  return common;
}

std::vector<Candidate> candidates_for(const CutLine& cut, const std::vector<Candidate>& own,
                                      const control::Client& daemon, const Paths& paths) {
  std::vector<std::string> words = cut.words;
  if (!cut.ends_in_word) words.emplace_back();
  const std::string typed = words.back();
  std::vector<Candidate> all;
  if (words.size() == 1) all = own;
  const std::vector<std::string> asked = as_commands(words);
  if (asked.empty()) return all;
  const Completion found = complete(asked, daemon, paths);
  all.insert(all.end(), found.candidates.begin(), found.candidates.end());
  add_of_system(found, asked, all);
  std::erase_if(all, [&](const Candidate& each) { return !each.text.starts_with(typed); });
  const auto by_text = [](const Candidate& a, const Candidate& b) { return a.text < b.text; };
  std::stable_sort(all.begin(), all.end(), by_text);
  const auto same = [](const Candidate& a, const Candidate& b) { return a.text == b.text; };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

}  // namespace

LineEditor::Completion complete_repl_line(std::string_view line, const std::vector<Candidate>& own,
                                          const control::Client& daemon, const Paths& paths) {
  const auto last_line = line.rfind('\n');
  if (last_line != line.npos) line.remove_prefix(last_line + 1);
  const CutLine cut = cut_line(line);
  const auto candidates = candidates_for(cut, own, daemon, paths);
  LineEditor::Completion out;
  if (candidates.empty()) return out;
  const std::string typed = cut.ends_in_word ? cut.words.back() : "";
  const std::string common = common_beginning(candidates);
  out.insert = quoted(common.substr(typed.size()), cut.open_quote);
  if (candidates.size() == 1 && candidates.front().ends) {
    if (cut.open_quote != '\0') out.insert += cut.open_quote;
    out.insert += ' ';
  }
  if (out.insert.empty())
    for (const Candidate& each : candidates) out.choices.push_back({each.text, each.about});
  return out;
}

}  // namespace routerone::cli
