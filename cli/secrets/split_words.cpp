#include "cli/secrets/split_words.h"

#include <utility>

namespace routerone::cli {

CutLine cut_line(std::string_view line, bool comments) {
  CutLine cut;
  std::string word;
  bool inside = false;  // of a word, which may be empty if quoted
  char& quote = cut.open_quote;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (comments && c == '#' && !inside) break;
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      const char next = line[i + 1];
      // Inside "..", as in a shell, it only takes the meaning from these.
      const bool escapes = quote == '\0' || next == '"' || next == '\\' || next == '$';
      if (!escapes) word += c;
      word += next;
      inside = true;
      ++i;
    } else if (quote != '\0') {
      if (c == quote)
        quote = '\0';
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      inside = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (inside) cut.words.push_back(std::exchange(word, {}));
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (inside) cut.words.push_back(std::move(word));
  cut.ends_in_word = inside;
  return cut;
}

Result<std::vector<std::string>> split_words(std::string_view text) {
  CutLine cut = cut_line(text);
  if (cut.open_quote != '\0') return fail(ErrorKind::invalid, "cmd: a quote is not closed");
  if (cut.words.empty())
    return fail(ErrorKind::invalid, "cmd: there is no command", "cmd:'pass show key'");
  return std::move(cut.words);
}

}  // namespace routerone::cli
