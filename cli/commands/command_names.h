#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"

namespace routerone::cli {

// Which command words speak of, and what was meant where they speak of none. Pure.

/// The part of a command line that names the command: `keys create`.
struct Named {
  const Command* command = nullptr;
  std::string noun;       ///< As far as it goes: `keys` where the verb is missing or wrong.
  std::size_t words = 0;  ///< Of the noun, or of the whole name of a command.
};
Named find_command(const std::vector<std::string>& words);

/// What may stand behind `noun`: verbs, and the second words of longer nouns. None that is hidden.
std::vector<std::string> words_behind(const std::string& noun);

/// The whole command that was most likely meant, to be pasted: a slip in each word, noun and verb
/// the wrong way round, a verb alone, another program's word for it. Empty: nobody knows.
std::string likely_command(const std::vector<std::string>& words);

/// An error of its own for words that name no command: what is wrong, and what was meant.
tl::unexpected<Error> no_such_command(const Named&, const std::vector<std::string>& words);
tl::unexpected<Error> verb_missing(const std::string& noun);

}  // namespace routerone::cli
