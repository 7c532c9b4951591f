#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace routerone::cli {

/// A command line cut into words as a shell would, with '..', ".." and \x for quoting, and nothing
/// else: no variable, glob, pipe or substitution is looked at.
struct CutLine {
  std::vector<std::string> words;
  char open_quote = '\0';     ///< The one that was not closed; the last word goes on behind it.
  bool ends_in_word = false;  ///< What would follow belongs to the last word.
};

/// `comments`: what stands behind a `#` at the beginning of a word is left out.
CutLine cut_line(std::string_view line, bool comments = false);

/// The same for a line that must be whole. invalid: a quote is not closed, or there is no word.
Result<std::vector<std::string>> split_words(std::string_view command_line);

}  // namespace routerone::cli
