#include "cli/secrets/key_source.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <stdlib.h>

#include <fstream>

#include "cli/secrets/split_words.h"
#include "tests/support/temp_dir.h"

namespace routerone::cli {
namespace {

using Kind = KeySource::Kind;

Result<Secret> nobody() { return fail(ErrorKind::invalid, "nobody is there"); }

Result<ResolvedKey> fetch(const std::string& text) {
  TRY(const KeySource source, parse_key_source(text));
  return resolve_key(source, nobody);
}

TEST_CASE("each form of a source is told apart") {
  CHECK(parse_key_source("env:A")->kind == Kind::environment);
  CHECK(parse_key_source("file:/a:b")->value == "/a:b");
  CHECK(parse_key_source("cmd:pass show x")->value == "pass show x");
  CHECK(parse_key_source("prompt")->kind == Kind::prompt);
  CHECK(parse_key_source("-")->kind == Kind::standard_input);
}

TEST_CASE("what is no source may be the key itself, and is never repeated") {
  for (const char* text : {"sk-proj-abcdef0123456789", "", "env:", "cmd:", "file:", "ENV:sk-abc"}) {
    const auto source = parse_key_source(text);
    REQUIRE_FALSE(source);
    CHECK(source.error().kind == ErrorKind::invalid);
    CHECK((source.error().message + source.error().hint).find("sk-") == std::string::npos);
  }
}

TEST_CASE("a variable's key is taken without the blanks around it") {
  ::setenv("ROUTERONE_TEST_KEY", " k-1\n", 1);
  const auto key = fetch("env:ROUTERONE_TEST_KEY");
  REQUIRE(key);
  CHECK(key->reference == "env:ROUTERONE_TEST_KEY");
  CHECK(key->key->reveal() == "k-1");
  CHECK(is_set("ROUTERONE_TEST_KEY"));
  ::setenv("ROUTERONE_TEST_KEY", "", 1);
  CHECK_FALSE(is_set("ROUTERONE_TEST_KEY"));
  CHECK(fetch("env:ROUTERONE_TEST_KEY").error().kind == ErrorKind::invalid);
  ::unsetenv("ROUTERONE_TEST_KEY");
  CHECK(fetch("env:ROUTERONE_TEST_KEY").error().kind == ErrorKind::invalid);
}

TEST_CASE("a file is left for the daemon to read, under its absolute name") {
  const auto key = fetch("file:a/../key.txt");
  REQUIRE(key);
  CHECK_FALSE(key->key.has_value());
  CHECK(key->reference ==
        "file:" + (std::filesystem::current_path() / "key.txt").lexically_normal().string());
}

TEST_CASE("a command's output is the key; no shell looks at its line") {
  const auto key = fetch("cmd:printf '%s\\n' 'k $(id) \"2\"'");
  REQUIRE(key);
  CHECK(key->key->reveal() == "k $(id) \"2\"");
}

TEST_CASE("a command that fails tells nothing of what it printed") {
  for (const char* line :
       {"cmd:sh -c 'echo s3cret; exit 3'", "cmd:no-such-program", "cmd:true",
        "cmd:sh -c 'head -c 70000 /dev/zero | tr \"\\0\" s'", "cmd:echo 'open"}) {
    CAPTURE(line);
    const auto key = fetch(line);
    REQUIRE_FALSE(key);
    CHECK(key.error().message.find("s3cret") == std::string::npos);
    CHECK(key.error().message.find("ssss") == std::string::npos);
  }
}

TEST_CASE("a typed key is known as one that cannot be had again") {
  const auto key = resolve_key({Kind::prompt, ""}, [] { return Result<Secret>(Secret("k-2 ")); });
  REQUIRE(key);
  CHECK(key->reference == "stdin");
  CHECK(key->key->reveal() == "k-2");
  CHECK(resolve_key({Kind::prompt, ""}, nobody).error().message == "nobody is there");
  CHECK_FALSE(resolve_key({Kind::prompt, ""}, [] { return Result<Secret>(Secret("  ")); }));
}

TEST_CASE("any words, quoted, come back as they were") {
  const bool held = rc::check("quoting", [] {
    const auto words = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'))));
    std::string line;
    for (const std::string& word : words) {
      line += "'";
      for (const char c : word) {
        if (c == '\'')
          line += "'\\''";
        else
          line += c;
      }
      line += "' ";
    }
    const auto cut = split_words(line);
    RC_ASSERT(cut.has_value());
    RC_ASSERT(*cut == words);
  });
  CHECK(held);
  CHECK(*split_words("a\\ b  \"c d\" 'e'f") == std::vector<std::string>{"a b", "c d", "ef"});
  CHECK_FALSE(split_words("'open"));
  CHECK_FALSE(split_words("\"open"));
}

}  // namespace
}  // namespace routerone::cli
