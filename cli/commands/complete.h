#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cli/commands/command.h"

namespace routerone::cli {

/// One word that could stand where the cursor is.
struct Candidate {
  std::string text;   ///< The whole word, with what was typed of it; not quoted.
  std::string about;  ///< A few words for who chooses; may be empty.
  bool ends = true;   ///< False: the word goes on, so no space follows: `key=`.
};

/// What a shell or the REPL can offer at the end of a line.
struct Completion {
  /// What only the shell knows. behind: another program's line begins at word `from`.
  enum class Also { nothing, files, folders, programs, behind };

  std::vector<Candidate> candidates;  ///< In the order they are best shown in.
  Also also = Also::nothing;
  /// files, folders: how many bytes of the last word stand before the path: `--from=`.
  std::size_t from = 0;
};

/// Names of a kind that begin with a prefix, the likeliest first. May answer with none, with more
/// than asked for, and, for models, with names that hold the prefix elsewhere. `credential`: the
/// prefix is PROVIDER/NAME, and so are the names.
using NameSource = std::function<std::vector<Candidate>(Value::Kind, const std::string& prefix)>;

/// `words` are a line's without `routerone`, unquoted; the last one is the one at the cursor, up to
/// it, and may be empty. Pure: what is not in the table comes from `names`. Names with characters
/// that a terminal would act on are left out.
Completion complete(const std::vector<std::string>& words, const std::vector<Command>& table,
                    const NameSource& names);

/// The same with all our commands, and with the names that the daemon knows; if it does not answer
/// at once, with those of the built-in catalog.
Completion complete(const std::vector<std::string>& words, const control::Client& daemon,
                    const Paths& paths);

/// The names of what a FILTER can ask for.
std::vector<std::string> filter_fields();

/// What may stand in a value's place: the half of the above that knows the kinds. `lead` is what
/// stands before the value in the same word: `--from=`.
class ValueCompleter {
 public:
  /// `provider`: the one named before on the line, for its credentials; empty: none was.
  ValueCompleter(const NameSource& names, std::string provider)
      : names_(names), provider_(std::move(provider)) {}
  Completion complete(const Value&, const std::string& lead, const std::string& typed) const;

 private:
  std::vector<Candidate> of_kind(const Value&, const std::string& typed) const;
  std::vector<Candidate> scopes(const std::string& typed) const;
  std::vector<Candidate> filters(const std::string& typed) const;
  std::vector<Candidate> filter_values(const std::string& field, const std::string& typed) const;

  const NameSource& names_;
  std::string provider_;
};

}  // namespace routerone::cli
