#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/output.h"
#include "common/config/paths.h"
#include "common/control/client.h"
#include "common/core/clock.h"
#include "common/json/json.h"

namespace routerone::cli {

/// What an argument or the value of an option stands for: how help calls it, and what completion
/// offers in its place. `values.h` has those that are used more than once.
struct Value {
  enum class Kind {
    none,  ///< There is no value: the option is a flag.
    text,  ///< Anything; nothing is offered.
    choice,
    number,
    usd,       ///< `2`, `0.50`
    percent,   ///< `80%`
    duration,  ///< `30s`, `90d`
    time,      ///< `7d` (ago), a date or an RFC 3339 time.
    zone,      ///< `Europe/Berlin`
    address,   ///< `127.0.0.1:7411`
    url,
    reference,  ///< Where a secret is: `env:VAR`, `file:PATH`, `cmd:'..'`, `prompt`, `-`; never it.
    weights,    ///< `latency=.5`, or a profile.
    file,
    folder,
    program,  ///< On PATH, and all that is behind it.
    command,  ///< The words of one of ours.
    tool,     ///< A program that `setup` knows.
    key,      ///< From here on: names the daemon knows.
    project,
    provider,  ///< Added here.
    catalog_provider,
    credential,  ///< Of the provider that was named before.
    model,
    alias,
    candidates,
    run,
    session,
    trace,
    scope,   ///< `wallet`, `project:NAME`, `key:NAME`
    filter,  ///< `key=NAME`, `status>=500`
  };
  const char* name = "";  ///< As help shows it: `USD`; `ID,..` if it is a list with commas.
  Kind kind = Kind::text;
  const char* choices = "";  ///< `auto|always|never`
  const char* also = "";     ///< Other spellings of choices: taken, and not offered.

  // NOLINTNEXTLINE(*-explicit-*)
  Value(const char* shown = "") : name(shown), kind(*shown == '\0' ? Kind::none : Kind::text) {}
  Value(const char* shown, Kind what, const char* words = "", const char* spelled = "")
      : name(shown), kind(what), choices(words), also(spelled) {}

  bool is_list() const { return std::string_view(name).ends_with(",.."); }
};

/// A word a command takes by its place.
struct Argument {
  /// many: none or more, some: one or more; always last.
  enum class Count { one, optional, many, some };
  Value value;
  Count count = Count::one;
  const char* help = "";  ///< Where its kind does not say enough.
};

/// `--name VALUE`, or a flag where there is no value.
struct Option {
  const char* name;  ///< Without dashes.
  Value value = {};
  const char* help = "";
  bool repeats = false;    ///< May be given more than once.
  char letter = '\0';      ///< `n` for `-n`, where users expect one.
  const char* group = "";  ///< Under which heading help lists it; empty: with the command's own.

  bool is_flag() const { return value.kind == Value::Kind::none; }
};

/// A line a user could type, and what it is for. Tests run every one of them.
struct Example {
  const char* says;
  const char* line;   ///< Without `routerone`; a line with it in it is shown as it is.
  int exit_code = 0;  ///< How it ends for who follows it; 130: it goes on until Ctrl-C.

  std::string shown() const;  ///< `routerone keys list`, as a shell takes it.
};

/// A way to end that is not one of those every command has (`exit_codes.h`).
struct Exit {
  int code;
  const char* means;
};

class Call;

/// One command: the only place that knows its words. The parser, help, manual pages, completions
/// and `--map` are made from it.
struct Command {
  enum class Rank { usual, common, hidden };  ///< Common ones stand in the root help.
  /// changes: something is other than before. destroys: in a way that cannot be undone; it asks on
  /// a terminal and needs --yes off it.
  enum class Effect { reads, changes, destroys };

  const char* noun;  ///< Of one word or two (`providers keys`); empty for `up` and the like.
  const char* verb;
  const char* summary;
  std::vector<Argument> arguments = {};
  std::vector<Option> options = {};
  Result<int> (*run)(Call&) = nullptr;  ///< The exit code, or why it failed.
  std::vector<Example> examples = {};
  const char* about = "";  ///< More of it, for help and the manual; paragraphs parted by "\n\n".
  /// The shape of what --json prints (shapes.h): `key`, `[key]` for an array, `key..` for one
  /// object a line. Empty: nothing.
  const char* prints = "";
  Rank rank = Rank::usual;
  Effect effect = Effect::reads;
  std::vector<Exit> exits = {};
  const char* task = "";  ///< The heading it stands under; the table's to say, not the row's.

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
