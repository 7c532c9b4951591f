#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/terminal/output.h"
#include "common/config/paths.h"
#include "common/control/client.h"
#include "common/core/clock.h"
#include "common/json/json.h"

namespace routerone::cli {

/// A word a command takes by its place.
struct Argument {
  /// many: none or more, some: one or more; always last.
  enum class Count { one, optional, many, some };
  const char* name;  ///< As help shows it: `NAME`.
  Count count = Count::one;
};

/// `--name VALUE`, or a flag where `value` is empty.
struct Option {
  const char* name;        ///< Without dashes.
  const char* value = "";  ///< What stands for the value in help: `USD`.
  const char* help = "";
  bool repeats = false;  ///< May be given more than once.
  char letter = '\0';    ///< `n` for `-n`, where users expect one.
};

class Call;

/// One command: the only place that knows its words. Help is made from it, and so is the parser;
/// manual pages and completions can be.
struct Command {
  const char* noun;  ///< Of one word or two (`providers keys`); empty for `up` and the like.
  const char* verb;
  const char* summary;
  std::vector<Argument> arguments;
  std::vector<Option> options;
  Result<int> (*run)(Call&);  ///< The exit code, or why it failed.

  std::string name() const;  ///< `keys create`
  /// Does its name begin with these words? `providers keys add` does with `providers`.
  bool is_under(const std::string& words) const;
};

/// Options that every command takes.
const std::vector<Option>& common_options();

/// What was typed, and all that a command works with.
class Call {
 public:
  struct World {
    Output& out;
    const Paths& paths;
    const Clock& clock;
    const control::Client& daemon;
  };
  using Values = std::map<std::string, std::vector<std::string>>;

  Call(World world, Values values) : world_(world), values_(std::move(values)) {}

  Output& out() { return world_.out; }
  const Paths& paths() const { return world_.paths; }
  const Clock& clock() const { return world_.clock; }
  const control::Client& daemon() const { return world_.daemon; }

  bool has(const std::string& name) const { return values_.contains(name); }
  /// An argument or option by its name; empty if it was not given.
  std::string word(const std::string& name) const;
  std::optional<std::string> text(const std::string& name) const;
  std::vector<std::string> all(const std::string& name) const;
  /// `a,b` and repeated options, one after the other.
  std::optional<std::vector<std::string>> list(const std::string& name) const;
  Result<std::optional<int>> number(const std::string& name, int least, int most) const;

  bool json() const { return has("json"); }
  /// For what cannot be undone: asks on a terminal, needs --yes off it.
  Status confirm(const std::string& question);
  /// Prints `answer` if --json was given; true if it did.
  bool printed_json(const Json& answer);

 private:
  World world_;
  Values values_;
};

/// The one table from kinds of errors to exit codes.
int exit_code(ErrorKind);

}  // namespace routerone::cli
