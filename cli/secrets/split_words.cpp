#include "cli/secrets/key_source.h"

namespace routerone::cli {

Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;  // of a word, which may be empty if quoted
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      const char next = text[i + 1];
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
      if (inside) words.push_back(std::move(word));
      word.clear();
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (quote != '\0') return fail(ErrorKind::invalid, "cmd: a quote is not closed");
  if (inside) words.push_back(std::move(word));
  if (words.empty())
    return fail(ErrorKind::invalid, "cmd: there is no command", "cmd:'pass show key'");
  return words;
}

}  // namespace routerone::cli
