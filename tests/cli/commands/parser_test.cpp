#include "cli/commands/parser.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>

#include "cli/commands/help.h"
#include "cli/commands/table.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Strings = std::vector<std::string>;

Strings words_of(const Command& command) {
  const std::string name = command.name();
  const auto words = split(name, ' ');
  return {words.begin(), words.end()};
}

/// The command's words, and one for each argument it must have.
Strings least_words(const Command& command) {
  Strings words = words_of(command);
  for (const Argument& argument : command.arguments)
    if (argument.count == Argument::Count::one || argument.count == Argument::Count::some)
      words.emplace_back("x");
  return words;
}

Strings with(Strings words, const Strings& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_CASE("the commands that scripts rely on are there") {
  std::set<std::string> names;
  for (const Command& command : all_commands()) names.insert(command.name());
  for (const char* name : {"up",
                           "down",
                           "restart",
                           "status",
                           "logs",
                           "version",
                           "keys create",
                           "keys list",
                           "keys show",
                           "keys update",
                           "keys rotate",
                           "keys revoke",
                           "providers add",
                           "providers list",
                           "providers show",
                           "providers test",
                           "providers update",
                           "providers enable",
                           "providers disable",
                           "providers remove",
                           "models list",
                           "models show",
                           "models alias",
                           "models price",
                           "routes show",
                           "routes fallback",
                           "traces list",
                           "traces show",
                           "traces tail",
                           "traces path",
                           "usage"}) {
    CAPTURE(name);
    CHECK(names.contains(name));
  }
}

TEST_CASE("every option of every command is read, in both ways to write it") {
  for (const Command& command : all_commands()) {
    for (const auto* options : {&command.options, &common_options()})
      for (const Option& option : *options) {
        if (std::string(option.name) == "help") continue;
        CAPTURE(command.name());
        CAPTURE(option.name);
        const std::string flag = "--" + std::string(option.name);
        if (option.is_flag()) {
          const auto parsed = parse(with(least_words(command), {flag}));
          REQUIRE(parsed);
          CHECK(parsed->values.contains(option.name));
          CHECK_FALSE(parse(with(least_words(command), {flag + "=1"})));
          continue;
        }
        for (const Strings& said : {Strings{flag, "v w"}, Strings{flag + "=v w"}}) {
          const auto parsed = parse(with(least_words(command), said));
          REQUIRE(parsed);
          CHECK(parsed->values.at(option.name) == Strings{"v w"});
        }
        CHECK_FALSE(parse(with(least_words(command), {flag})));
        CHECK(parse(with(least_words(command), {flag, "1", flag, "2"})).has_value() ==
              option.repeats);
      }
  }
}

TEST_CASE("arguments get their words in order, wherever the options stand") {
  const auto parsed = parse({"models", "--quiet", "alias", "fast", "some/model"});
  CHECK_FALSE(parsed);  // an option does not part a noun from its verb
  for (const Strings& words : {Strings{"models", "alias", "fast", "--quiet", "some/model"},
                               Strings{"--quiet", "models", "alias", "fast", "some/model"},
                               Strings{"models", "alias", "--quiet", "--", "fast", "some/model"}}) {
    const auto read = parse(words);
    REQUIRE(read);
    CHECK(read->values.at("NAME") == Strings{"fast"});
    CHECK(read->values.at("MODEL") == Strings{"some/model"});
    CHECK(read->values.contains("quiet"));
  }
  const auto many = parse({"traces", "list", "status>=400", "--limit", "3", "since=2h"});
  REQUIRE(many);
  CHECK(many->values.at("FILTER") == Strings{"status>=400", "since=2h"});
  CHECK(parse({"logs", "-n", "5"})->values.at("lines") == Strings{"5"});
  CHECK(parse({"keys", "show", "--", "--json"})->values.at("NAME") == Strings{"--json"});
}

struct Wrong {
  Strings words;
  const char* message;
  const char* hint;
};

TEST_CASE("a slip is told with the word that is wrong, and the nearest right one") {
  for (const Wrong& wrong : {
           Wrong{{"kys"}, "\"kys\"", "did you mean: routerone keys"},
           Wrong{{"keys", "lst"}, "\"keys lst\"", "did you mean: routerone keys list"},
           Wrong{{"keys"}, "keys needs a command: create,", "routerone keys --help"},
           Wrong{{"keys", "--json"}, "keys needs a command", "routerone keys --help"},
           Wrong{{"keys", "list", "--al"}, "--al", "did you mean --all?"},
           Wrong{{"keys", "create", "ci", "--model", "x"}, "--model", "did you mean --models?"},
           Wrong{{"keys", "list", "-z"}, "-z", "routerone keys list --help"},
           Wrong{{"keys", "create"}, "NAME is missing", "routerone keys create --help"},
           Wrong{{"keys", "create", "a", "b"}, "\"b\"", "routerone keys create --help"},
           Wrong{{"traces", "list", "--limit"}, "--limit N", "routerone traces list --help"},
           Wrong{{"--quiet"}, "--quiet", "routerone --help"},
           Wrong{{"providers"}, "add, list, show,", "routerone providers --help"},
           Wrong{
               {"providers", "kys"}, "\"providers kys\"", "did you mean: routerone providers keys"},
           Wrong{{"providers", "keys"},
                 "needs a command: add, list, remove",
                 "routerone providers keys --help"},
           Wrong{{"providers", "keys", "ad"},
                 "\"providers keys ad\"",
                 "did you mean: routerone providers keys add"},
           Wrong{{"keys list"}, "\"keys list\"", "did you mean: routerone keys list"},
           Wrong{{"key", "create", "ci"}, "\"key\"", "did you mean: routerone keys create"},
           Wrong{{"traces", "tial"}, "\"traces tial\"", "did you mean: routerone traces tail"},
           Wrong{{"create", "keys"}, "\"create\"", "did you mean: routerone keys create"},
           Wrong{{"create", "key"}, "\"create\"", "did you mean: routerone keys create"},
           Wrong{{"rotate", "ci"}, "\"rotate\"", "did you mean: routerone keys rotate"},
           Wrong{{"start"}, "\"start\"", "did you mean: routerone up"},
           Wrong{
               {"keys", "delete", "ci"}, "\"keys delete\"", "did you mean: routerone keys revoke"},
           Wrong{{"keys", "xyzzy"}, "\"keys xyzzy\"", "routerone keys --help"},
           Wrong{{"xyzzy"}, "\"xyzzy\"", "routerone --help"},
           Wrong{{"run", "--max-spned", "2"}, "--max-spned", "did you mean --max-spend?"},
       }) {
    CAPTURE(wrong.message);
    const auto parsed = parse(wrong.words);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == ErrorKind::invalid);
    CHECK(parsed.error().message.find(wrong.message) != std::string::npos);
    CHECK(parsed.error().hint == wrong.hint);
  }
}

TEST_CASE("help is there for the program, for a noun and for a command") {
  for (const Strings& words : {Strings{}, {"--help"}, {"-h"}, {"--help", "--json"}})
    CHECK(parse(words)->help == help_of_common());
  CHECK(parse({"keys", "--help"})->help == help_of_noun("keys"));
  CHECK(parse({"providers", "keys", "-h"})->help == help_of_noun("providers keys"));
  for (const Command& command : all_commands())
    CHECK(parse(with(words_of(command), {"--help"}))->help == help_of(command));
  CHECK(parse({"run", "--", "true", "--help"})->command->name() == "run");
  CHECK(parse({"--version"})->command->name() == "version");
  CHECK(parse({"--map", "--json"})->command->name() == "map");
  CHECK(parse({"--json", "--map"})->command->name() == "map");
}

TEST_CASE("whatever the words are, they are read or refused, and nothing falls over") {
  const bool held = rc::check("any words", [] {
    const auto known = rc::gen::element<std::string>(
        "keys", "create", "list", "routes", "fallback", "usage", "--json", "--models", "--", "-n",
        "--limit", "=", "--=", "-", "", "---", "--color=", "-h", "a,b", "traces");
    const auto word = rc::gen::oneOf(known, rc::gen::arbitrary<std::string>());
    const auto words = *rc::gen::container<Strings>(word);
    const auto parsed = parse(words);
    if (!parsed) {
      RC_ASSERT(parsed.error().kind == ErrorKind::invalid);
      RC_ASSERT(!parsed.error().message.empty());
    } else {
      RC_ASSERT((parsed->command == nullptr) == !parsed->help.empty());
    }
  });
  CHECK(held);
}

}  // namespace
}  // namespace routerone::cli
