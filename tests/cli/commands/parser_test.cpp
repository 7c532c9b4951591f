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

/// What can stand for this value: of a choice the first there is.
std::string value_of(const Value& value, const char* otherwise = "v w") {
  if (value.kind != Value::Kind::choice) return otherwise;
  return std::string(split(value.choices, '|').front());
}

/// The command's words, and one for each argument it must have.
Strings least_words(const Command& command) {
  Strings words = words_of(command);
  for (const Argument& argument : command.arguments)
    if (argument.count == Argument::Count::one || argument.count == Argument::Count::some)
      words.push_back(value_of(argument.value, "x"));
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
        const std::string value = value_of(option.value);
        for (const Strings& said : {Strings{flag, value}, Strings{flag + "=" + value}}) {
          const auto parsed = parse(with(least_words(command), said));
          REQUIRE(parsed);
          CHECK(parsed->values.at(option.name) == Strings{value});
        }
        CHECK_FALSE(parse(with(least_words(command), {flag})));
        CHECK(parse(with(least_words(command), {flag, value, flag, value})).has_value() ==
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
           Wrong{{"traces", "list", "--since", "2h"},
                 "--since",
                 "did you mean since=VALUE, without dashes?"},
           Wrong{{"traces", "list", "--wid"}, "--wid", "did you mean --wide?"},
           Wrong{{"keys", "list", "--since=2h"}, "--since", "routerone keys list --help"},
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

TEST_CASE("of every choice only its words are taken, each of them, and the nearest is told") {
  for (const Command& command : all_commands())
    for (const auto* options : {&command.options, &common_options()})
      for (const Option& option : *options) {
        if (option.value.kind != Value::Kind::choice) continue;
        CAPTURE(command.name());
        CAPTURE(option.name);
        const std::string flag = "--" + std::string(option.name);
        for (const std::string_view choice : split(option.value.choices, '|')) {
          const std::string word(choice);
          CHECK(parse(with(least_words(command), {flag, word})));
          const auto slipped = parse(with(least_words(command), {flag, word + "e"}));
          REQUIRE_FALSE(slipped);
          CHECK(slipped.error().kind == ErrorKind::invalid);
          CHECK(slipped.error().message.starts_with(flag + " does not take \"" + word + "e\""));
          CHECK(slipped.error().hint.starts_with("did you mean " + flag + " "));
        }
        CHECK(parse(with(least_words(command), {flag, ""})).has_value() == option.value.is_list());
      }
}

TEST_CASE("the words of a list are looked at one by one, and other spellings of them are taken") {
  const auto added = [](const std::string& dialects) {
    return parse({"providers", "add", "mybox", "--dialect", dialects});
  };
  CHECK(added("openai-chat, anthropic-messages,,gemini"));
  const auto refused = added("openai-chat,antropic");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "--dialect does not take \"antropic\", only openai-chat, openai-responses, anthropic, "
        "gemini");
  CHECK(refused.error().hint == "did you mean --dialect anthropic?");
  CHECK(parse({"keys", "create", "ci", "--every", "xyzzy"}).error().hint ==
        "routerone keys create --help");
  CHECK(parse({"completion", "zhs"}).error().message ==
        "completion does not take \"zhs\", only bash, zsh, fish");
  CHECK_FALSE(parse({"logs", "--level", "error,warning"}));  // it is no list
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
