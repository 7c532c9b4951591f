#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace routerone::cli {

/// A line of bash up to the cursor. bash's own COMP_WORDS cuts words at `=` and `:` and keeps their
/// quotes, so the line is read here as the shell reads it.
struct BashLine {
  std::vector<std::string>
      words;                ///< Unquoted, without the program; the last one is at the cursor.
  bool redirected = false;  ///< The last one is a file to read or write: `> fi`.
  /// What readline puts a candidate in place of is the end of the last word only: from its last
  /// word break, or from a quote that is open. This stands before it, unquoted.
  std::string kept;
  char quote = '\0';  ///< The one that is open.
};

/// `breaks` is COMP_WORDBREAKS. Never fails: what is no whole line is read as far as it goes.
BashLine read_bash_line(std::string_view line, std::string_view breaks);

/// What to put in so that `word` stands there, quoted so that bash takes it as it is and never runs
/// any of it. nullopt: it does not begin with what stays, or cannot be written inside this quote.
std::optional<std::string> bash_replacement(const std::string& word, const BashLine&);

}  // namespace routerone::cli
