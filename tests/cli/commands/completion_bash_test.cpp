#include "cli/commands/completion_bash.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone::cli {
namespace {

using Strings = std::vector<std::string>;
constexpr std::string_view usual = " \t\n\"'@><=;|&(:";

BashLine read(std::string_view line) { return read_bash_line(line, usual); }
Strings words(std::string_view line) { return read(line).words; }

std::string put(std::string_view line, const std::string& word) {
  return bash_replacement(word, read(line)).value_or("(none)");
}

TEST_CASE("a line is cut into words as bash does it") {
  CHECK(words("routerone ") == Strings{""});
  CHECK(words("routerone keys  sh") == Strings{"keys", "sh"});
  CHECK(words("routerone a\\ b 'c d' \"e f\"g ") == Strings{"a b", "c d", "e fg", ""});
  CHECK(words("routerone key:c --every=d a,b") == Strings{"key:c", "--every=d", "a,b"});
  CHECK(words(R"(routerone "a\"b\c$d" 'x\y' '')") == Strings{R"(a"b\c$d)", R"(x\y)", ""});
  CHECK(words("routerone 'open one") == Strings{"open one"});
  CHECK(words("routerone end\\") == Strings{"end\\"});
}

TEST_CASE("a redirection is no word, and its file is one that the shell completes") {
  CHECK(words("routerone keys list >out ") == Strings{"keys", "list", ""});
  CHECK(words("routerone keys 2>/dev/null li") == Strings{"keys", "li"});
  CHECK(read("routerone keys list > o").redirected);
  CHECK(read("routerone keys list 2>> o").redirected);
  CHECK_FALSE(read("routerone keys list > o ").redirected);
  CHECK_FALSE(read("routerone list 'status>=5").redirected);
}

TEST_CASE("only what stands behind readline's last break is replaced") {
  CHECK(put("routerone set key:c", "key:ci") == "ci");
  CHECK(put("routerone --every=d", "--every=day") == "day");
  CHECK(put("routerone a,b", "a,bc") == "a,bc");
  CHECK(put("routerone gpt@o", "gpt@openai") == "@openai");
  CHECK(put("routerone 'key:c", "key:ci") == "key:ci");
  CHECK(put("routerone key:\"c", "key:ci") == "ci");
  CHECK(put("routerone ke\"y\"", "keys") == "keys");
  CHECK(put("routerone key\\:c", "key:ci") == "key:ci");
  CHECK(bash_replacement("key:ci", read_bash_line("routerone key:c", " \t\n")) == "key:ci");
  CHECK_FALSE(bash_replacement("other:ci", read("routerone key:c")));
}

TEST_CASE("what a shell would act on is quoted, in every kind of quote") {
  const std::string bad = "a$(x)`y` z";
  CHECK(put("routerone ", bad) == "a\\$\\(x\\)\\`y\\`\\ z");
  CHECK(put("routerone \"", bad) == "a\\$(x)\\`y\\` z");
  CHECK(put("routerone '", bad) == bad);
  CHECK(put("routerone '", "it's") == "it'\\''s");
  CHECK(put("routerone \"", "no!") == "(none)");  // no backslash would be taken away again
  CHECK(put("routerone ", "no!") == "no\\!");
}

/// Any word, put in behind any beginning of it, in any quote, is that word when bash reads it.
TEST_CASE("what is put in reads as the word that was meant") {
  rc::check([](const std::string& raw, std::uint8_t quote, std::size_t cut) {
    std::string word;
    for (const char c : raw)
      if (static_cast<unsigned char>(c) > 31 && c != '\x7f') word += c;
    const std::string begun = word.substr(0, cut % (word.size() + 1));
    // Typed as completion itself would have written it.
    const std::string open = quote % 3 == 0 ? "" : quote % 3 == 1 ? "\"" : "'";
    const auto typed = bash_replacement(begun, read_bash_line("routerone " + open, " \t\n"));
    if (!typed) return;
    const std::string line = "routerone " + open + *typed;
    const BashLine before = read(line);
    RC_ASSERT(before.words == Strings{begun});
    const auto put = bash_replacement(word, before);
    if (!put) {
      RC_ASSERT(word.find('!') != word.npos);
      return;
    }
    // Readline leaves what stands before the last break and takes the rest away.
    const auto kept = bash_replacement(before.kept, read_bash_line("routerone " + open, " \t\n"));
    RC_ASSERT(kept.has_value());
    RC_ASSERT(words("routerone " + open + *kept + *put + open) == Strings{word});
  });
}

}  // namespace
}  // namespace routerone::cli
