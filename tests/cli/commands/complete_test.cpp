#include "cli/commands/complete.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "cli/commands/completion.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Strings = std::vector<std::string>;
using Also = Completion::Also;
using Kind = Value::Kind;

/// A small table with one of each thing that completion must tell apart.
const std::vector<Command>& table() {
  using Count = Argument::Count;
  static const std::vector<Command> rows = {
      {.noun = "keys",
       .verb = "create",
       .summary = "make a key",
       .arguments = {{"NAME"}},
       .options = {{"every", value::every, "the period"},
                   {"models", value::model_globs, "these alone"},
                   {"header", "K:V", "sent along", true},
                   {"lines", value::count, "so many", false, 'n'},
                   {"from", value::file, "a file"},
                   {"key-from", value::key_source, "where it is"},
                   {"rolling", "", "no calendar"}}},
      {.noun = "keys", .verb = "show", .summary = "show a key", .arguments = {{value::key}}},
      {.noun = "", .verb = "list", .summary = "list", .arguments = {{value::filter, Count::many}}},
      {.noun = "budgets",
       .verb = "set",
       .summary = "limit",
       .arguments = {{value::scope}, {"USD"}}},
      {.noun = "providers keys",
       .verb = "remove",
       .summary = "remove one",
       .arguments = {{value::provider}, {{"NAME", Kind::credential}}}},
      {.noun = "",
       .verb = "run",
       .summary = "run a program",
       .arguments = {{{"CMD", Kind::program}, Count::some}},
       .options = {{"project", value::project, "whose"}}},
      {.noun = "",
       .verb = "watch",
       .summary = "again and again",
       .arguments = {{value::count}, {{"COMMAND", Kind::command}, Count::some}}},
      {.noun = "", .verb = "save", .summary = "save", .arguments = {{{"DIR", Kind::folder}}}},
      {.noun = "",
       .verb = "__secret",
       .summary = "not shown",
       .arguments = {},
       .rank = Command::Rank::hidden}};
  return rows;
}

std::vector<Candidate> names(Kind kind, const std::string& prefix) {
  switch (kind) {
    case Kind::key:
      return {{"ci", "project default"}, {"laptop", ""}};
    case Kind::project:
      return {{"default", ""}, {"web", ""}};
    case Kind::model:
      return {{"openai/a", ""}, {"openai/b", ""}, {"bad\x1b[31mname", ""}, {"new\nline", ""}};
    case Kind::credential:
      return {{prefix.substr(0, prefix.find('/')) + "/second", ""}};
    case Kind::reference:
      return {{"OPENAI_API_KEY", ""}};
    default:
      return {};
  }
}

Completion at(const Strings& words) { return complete(words, table(), names); }

Strings offered(const Strings& words) {
  Strings out;
  for (const Candidate& one : at(words).candidates) out.push_back(one.text);
  return out;
}

TEST_CASE("the words of commands come one by one, each once, and hidden ones never") {
  CHECK(offered({""}) == Strings{"keys", "list", "budgets", "providers", "run", "watch", "save"});
  CHECK(offered({"k"}) == Strings{"keys"});
  CHECK(offered({"keys", ""}) == Strings{"create", "show"});
  CHECK(offered({"providers", ""}) == Strings{"keys"});
  CHECK(offered({"providers", "keys", ""}) == Strings{"remove"});
  CHECK(offered({"__s"}).empty());
  CHECK(offered({"__secret", ""}).empty());
  CHECK(offered({"nonsense", ""}).empty());
  CHECK(offered({}).empty());
}

TEST_CASE("a word of a command says what it does, the first word of several which there are") {
  CHECK(at({"keys", "c"}).candidates.at(0).about == "make a key");
  CHECK(at({"ke"}).candidates.at(0).about == "create, show");
}

TEST_CASE("an option is offered once, unless it may be repeated") {
  CHECK(offered({"keys", "create", "--r"}) == Strings{"--rolling"});
  CHECK(offered({"keys", "create", "--rolling", "--r"}).empty());
  CHECK(offered({"keys", "create", "--header", "a:b", "--hea"}) == Strings{"--header"});
  CHECK(offered({"keys", "create", "x", "--every=day", "--ev"}).empty());
  CHECK(offered({"--js"}) == Strings{"--json"});
  CHECK(offered({"--ver"}) == Strings{"--version"});
  CHECK(offered({"keys", "create", "--ver"}).empty());
}

TEST_CASE("options before the command do not hide it") {
  CHECK(offered({"--json", "k"}) == Strings{"keys"});
  CHECK(offered({"--color", "always", "keys", "s"}) == Strings{"show"});
  CHECK(offered({"--color=always", "keys", "s"}) == Strings{"show"});
}

TEST_CASE("an option's value is completed as a word of its own and behind =") {
  CHECK(offered({"keys", "create", "x", "--every", "d"}) == Strings{"day"});
  CHECK(offered({"keys", "create", "x", "--every=d"}) == Strings{"--every=day"});
  CHECK(offered({"keys", "create", "-n", ""}).empty());
  CHECK(offered({"keys", "create", "x", "--rolling="}).empty());
  CHECK(offered({"keys", "create", "x", "--nosuch="}).empty());
}

TEST_CASE("of a list what stands behind the last comma is open, and nothing is offered twice") {
  CHECK(offered({"keys", "create", "--models", ""}) == Strings{"openai/a", "openai/b"});
  CHECK(offered({"keys", "create", "--models", "openai/a,"}) == Strings{"openai/a,openai/b"});
  CHECK(offered({"keys", "create", "--models=x,openai/a"}) == Strings{"--models=x,openai/a"});
  CHECK(offered({"keys", "create", "--every", "day,"}).empty());  // it is no list
}

TEST_CASE("names with characters that a terminal would act on are left out") {
  for (const std::string& one : offered({"keys", "create", "--models", ""}))
    CHECK(printable(one) == one);
}

TEST_CASE("where all arguments are given, options are what may come") {
  const auto more = offered({"keys", "create", "x", ""});
  CHECK(std::find(more.begin(), more.end(), "--rolling") != more.end());
  CHECK(offered({"keys", "create", "x", "y"}).empty());
  CHECK(offered({"keys", "create", ""}).empty());  // a name of the user's making
}

TEST_CASE("scopes go on behind their colon") {
  CHECK(offered({"budgets", "set", ""}) == Strings{"wallet", "project:", "key:"});
  CHECK_FALSE(at({"budgets", "set", "k"}).candidates.at(0).ends);
  CHECK(at({"budgets", "set", "w"}).candidates.at(0).ends);
  CHECK(offered({"budgets", "set", "key:l"}) == Strings{"key:laptop"});
  CHECK(offered({"budgets", "set", "project:"}) == Strings{"project:default", "project:web"});
  CHECK(offered({"budgets", "set", "wallet", ""}).empty());
}

TEST_CASE("filters go on behind their sign, with names where there are some") {
  CHECK(offered({"list", "ke"}) == Strings{"key="});
  CHECK(offered({"list", "key=l"}) == Strings{"key=laptop"});
  CHECK(offered({"list", "key!=l"}) == Strings{"key!=laptop"});
  CHECK(offered({"list", "key=ci", "project=w"}) == Strings{"project=web"});
  CHECK(offered({"list", "stat"}) == Strings{"status=", "status>=", "status<=", "state="});
  CHECK(offered({"list", "status>=52"}) == Strings{"status>=529"});
  CHECK(offered({"list", "route=", ""}).size() > 5);  // another filter
  CHECK(offered({"list", "nosuch="}).empty());
  CHECK(offered({"list", "route=auto", "route=a"}).empty());  // it stands there already
}

TEST_CASE("credentials are those of the provider before them") {
  CHECK(offered({"providers", "keys", "remove", "openai", ""}) == Strings{"second"});
  CHECK(offered({"providers", "keys", "remove", "--json", "openai", "s"}) == Strings{"second"});
}

TEST_CASE("files and folders are the shell's, from where the path begins") {
  CHECK(at({"keys", "create", "--from", "x"}).also == Also::files);
  CHECK(at({"keys", "create", "--from", "x"}).from == 0);
  CHECK(at({"keys", "create", "--from=x"}).also == Also::files);
  CHECK(at({"keys", "create", "--from=x"}).from == 7);
  CHECK(at({"save", ""}).also == Also::folders);
}

TEST_CASE("where a key comes from is completed, but never the key") {
  CHECK(offered({"keys", "create", "--key-from", ""}) ==
        Strings{"env:", "file:", "cmd:", "prompt", "-"});
  CHECK(offered({"keys", "create", "--key-from", "env:O"}) == Strings{"env:OPENAI_API_KEY"});
  const Completion file = at({"keys", "create", "--key-from=file:/etc/"});
  CHECK(file.also == Also::files);
  CHECK(file.from == std::string_view("--key-from=file:").size());
}

TEST_CASE("behind -- another program's line begins, and nothing of it is ours") {
  CHECK(offered({"run", ""}) == Strings{"--"});
  CHECK(at({"run", "l"}).also == Also::programs);
  CHECK(at({"run", "ls", "x"}).also == Also::files);
  const Completion behind = at({"run", "--project", "web", "--", "git", "--pro"});
  CHECK(behind.also == Also::behind);
  CHECK(behind.from == 4);
  CHECK(behind.candidates.empty());
  CHECK(at({"run", "--", ""}).also == Also::behind);
  CHECK(offered({"keys", "show", "--", "l"}) == Strings{"laptop"});
  CHECK(offered({"keys", "show", "--", "--j"}).empty());
}

TEST_CASE("a command of ours inside another one is completed as such") {
  CHECK(offered({"watch", "2", "k"}) == Strings{"keys"});
  CHECK(offered({"watch", "2", "keys", "show", "l"}) == Strings{"laptop"});
  CHECK(offered({"watch", "2", "keys", "create", "x", "--ro"}) == Strings{"--rolling"});
}

TEST_CASE("whatever the words, what is offered begins with what was typed, of our own table too") {
  const Strings pieces = {"keys",     "create", "--",   "-",        "--every",  "=",
                          "list",     "run",    "key=", "watch",    "2",        "-n",
                          "project:", ",",      "",     "--models", "set",      "budgets",
                          "@",        "-1.5",   "x",    "--from=",  "providers"};
  rc::check([&](const std::vector<std::uint8_t>& draws) {
    Strings words = {""};
    for (const std::uint8_t draw : draws) {
      if (draw % 3 == 0) words.emplace_back();
      words.back() += pieces[draw % pieces.size()];
    }
    for (const auto* rows : {&table(), &all_commands()}) {
      const Completion found = complete(words, *rows, names);
      RC_ASSERT(found.from <= words.size() + words.back().size());
      for (const Candidate& one : found.candidates) RC_ASSERT(one.text.starts_with(words.back()));
    }
  });
}

TEST_CASE("each command of ours that is not hidden is reached by its words") {
  for (const Command& command : all_commands()) {
    if (command.rank == Command::Rank::hidden) continue;
    const std::string name = command.name();
    Strings words = {""};
    for (const std::string_view word : split(name, ' ')) {
      words.back() = word;
      const Completion found = complete(words, all_commands(), names);
      CHECK_MESSAGE(std::any_of(found.candidates.begin(), found.candidates.end(),
                                [&](const Candidate& one) { return one.text == word; }),
                    name);
      words.emplace_back();
    }
  }
}

TEST_CASE("there is a script for three shells and for no other") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(shell);
    REQUIRE(script);
    CHECK(script->find("__complete " + std::string(shell)) != script->npos);
    CHECK(script->ends_with("\n"));
    CHECK(script->find('\t') == script->npos);  // what is printed is cleaned of them
  }
  CHECK_FALSE(completion_script("tcsh"));
}

}  // namespace
}  // namespace routerone::cli
