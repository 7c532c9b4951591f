#include "cli/commands/repl_line.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone::cli {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("a line is cut as a shell would cut it") {
  CHECK(*read_repl_line("keys create ci") == Words{"keys", "create", "ci"});
  CHECK(*read_repl_line("budgets topup 5 --note 'a b' \"c d\"") ==
        Words{"budgets", "topup", "5", "--note", "a b", "c d"});
}

TEST_CASE("comments, blank lines and the program's own name come to nothing") {
  CHECK(read_repl_line("")->empty());
  CHECK(read_repl_line("   # all of it")->empty());
  CHECK(*read_repl_line("version # the rest") == Words{"version"});
  CHECK(*read_repl_line("keys show a#b '#c'") == Words{"keys", "show", "a#b", "#c"});
  CHECK(*read_repl_line("routerone keys list") == Words{"keys", "list"});
}

TEST_CASE("an open quote is an error that says which") {
  const auto words = read_repl_line("keys show 'ci");
  REQUIRE_FALSE(words);
  CHECK(words.error().kind == ErrorKind::invalid);
  CHECK(words.error().hint == "close it with '");
}

TEST_CASE("ordinary lines are remembered") {
  for (const char* line :
       {"keys list", "usage --by model --since 7d", "tail status>=500 cost>0.01",
        "traces show 0193fa00-7c11-7000-8000-0123456789ab",
        "models show openai/gpt-5-mini-2025-08-07",
        "routes fallback anthropic/claude-sonnet-4.5 openai/gpt-5,deepseek/deepseek-chat-v3.1",
        "providers add openai --key-from env:OPENAI_API_KEY",
        "config apply /home/me/backup-2026.json",
        "run --max-spend 2 -- claude --dangerously-skip-permissions"}) {
    CAPTURE(line);
    CHECK(may_be_remembered(line));
  }
}

TEST_CASE("lines with a secret, or that read one, or that begin with a space are not") {
  for (const char* line :
       {" keys list", "sk-rk-0123456789abcdefghijABCDEFGHIJ012345",
        "keys show sk-proj-abcdefghijklmnop", "x AIzaSyA1234567890abcdefg",
        "x ghp_abcdefghijklmnop", "x eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x",
        "providers add x --key-from -", "providers add x --key-from=prompt",
        "providers update x --proxy-login-from prompt", "providers add x --header 'X-Key: v'",
        "curl -H 'Authorization: x'", "x Bearer abc", "x 4f3c2b1a09f8e7d6c5b4", "x token=abc",
        "x 'quoted sk-ant-abcdefghijklmnop'"}) {
    CAPTURE(line);
    CHECK_FALSE(may_be_remembered(line));
  }
}

TEST_CASE("no key of ours is ever remembered, wherever it stands") {
  const std::string alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  rc::check([&] {
    const auto tail = *rc::gen::container<std::string>(36, rc::gen::elementOf(alphabet));
    const auto before = *rc::gen::elementOf(Words{"", "keys show ", "x --name=", "a,", "\"q "});
    RC_ASSERT_FALSE(may_be_remembered(before + "sk-rk-" + tail));
  });
}

}  // namespace
}  // namespace routerone::cli
