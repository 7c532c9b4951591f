#include "cli/commands/help.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "cli/commands/help_text.h"
#include "cli/commands/table.h"
#include "common/core/text.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::Home;
using test::run_cli;

/// Wrapped or not, the words in their order.
std::string flat(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const char one = c == '\n' ? ' ' : c;
    if (one != ' ' || (!out.empty() && out.back() != ' ')) out += one;
  }
  return out;
}

std::size_t widest(const std::string& text) {
  std::size_t most = 0;
  for (const std::string_view line : split(text, '\n')) most = std::max(most, line.size());
  return most;
}

TEST_CASE("help without a word fits a screen of 24 lines and 80 columns") {
  const std::string help = help_of_common();
  CHECK(std::count(help.begin(), help.end(), '\n') <= 24);
  CHECK(widest(help) <= 80);
  for (const Command& command : all_commands())
    CHECK((help.find(command.summary) != help.npos) == (command.rank == Command::Rank::common));
  CHECK(help.find("routerone help --all") != help.npos);
  CHECK(help.find("--map --json") != help.npos);
}

TEST_CASE("help of everything names every command but those for programs") {
  const std::string help = flat(help_of_all());
  for (const Command& command : all_commands()) {
    CAPTURE(command.name());
    CHECK((help.find(command.summary) != help.npos) == (command.rank != Command::Rank::hidden));
  }
}

TEST_CASE("the help of a command shows what can be typed first, then all it takes") {
  for (const Command& command : all_commands()) {
    CAPTURE(command.name());
    const std::string help = help_of(command), text = flat(help);
    for (const Example& example : command.examples)
      CHECK(help.find("  " + example.shown() + "\n") < help.find("usage:"));
    CHECK(text.find(command.summary) != text.npos);
    for (const Argument& argument : command.arguments)
      CHECK(text.find(argument.value.name) != text.npos);
    for (const auto* options : {&command.options, &common_options()})
      for (const Option& option : *options) {
        CHECK(text.find(shown(option)) != text.npos);
        CHECK(text.find(option.help) != text.npos);
      }
  }
}

TEST_CASE("no line of help but an example is wider than 80 columns") {
  for (const Command& command : all_commands()) {
    CAPTURE(command.name());
    std::string help = help_of(command);
    for (const Example& example : command.examples)
      help.erase(help.find(example.shown()), 1 + example.shown().size());
    CHECK(widest(help) <= 80);
  }
  CHECK(widest(help_of_all()) <= 80);
}

TEST_CASE("options stand under their headings") {
  const auto& all = all_commands();
  const auto create = std::find_if(
      all.begin(), all.end(), [](const Command& each) { return each.name() == "keys create"; });
  const std::string help = help_of(*create);
  CHECK(help.find("\noptions:\n") < help.find("--project NAME"));
  CHECK(help.find("--project NAME") < help.find("\nlimits:\n"));
  CHECK(help.find("\nlimits:\n") < help.find("--max-spend USD"));
  CHECK(help.find("--max-spend USD") < help.find("\nfor every command:\n"));
  CHECK(help.find("\nfor every command:\n") < help.find("--json"));
  CHECK(help.find("see also: keys list") != help.npos);
}

TEST_CASE("help can be asked for by a word of its own") {
  const Home home;
  CHECK(run_cli({"help"}).out == help_of_common());
  CHECK(run_cli({"help", "keys"}).out == help_of_noun("keys"));
  CHECK(run_cli({"help", "keys", "list"}).out == run_cli({"keys", "list", "--help"}).out);
  CHECK(run_cli({"help", "--all"}).out == help_of_all());
  const auto wrong = run_cli({"help", "kyes"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("did you mean: routerone keys") != std::string::npos);
}

TEST_CASE("the help of a noun is about it alone") {
  const std::string help = help_of_noun("providers keys");
  CHECK(help.find("providers keys remove") != help.npos);
  CHECK(help.find("providers add") == help.npos);
}

TEST_CASE("wrapped text keeps every word and no line is too wide") {
  const bool held = rc::check("any words", [] {
    const auto word =
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
    const auto words = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(word));
    const auto indent = *rc::gen::inRange<std::size_t>(0, 40);
    std::string text;
    for (const std::string& one : words) text += (text.empty() ? "" : " ") + one;
    const std::string out = wrapped(text, indent);
    RC_ASSERT(std::string(trim(flat(out))) == text);
    for (const std::string_view line : split(out, '\n')) {
      const bool one_word = trim(line).find(' ') == std::string_view::npos;
      RC_ASSERT(line.size() <= help_width || one_word);
    }
  });
  CHECK(held);
}

}  // namespace
}  // namespace routerone::cli
