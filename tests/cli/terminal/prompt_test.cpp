#include "cli/terminal/prompt.h"

#include <termios.h>

#include "cli/terminal/output.h"
#include "tests/cli/terminal/terminal.h"

namespace routerone::cli {
namespace {

using test::on_terminal;
using test::Shown;

bool echoes() {
  termios now{};
  return ::tcgetattr(STDIN_FILENO, &now) == 0 && (now.c_lflag & ECHO) != 0 &&
         (now.c_lflag & ISIG) != 0;
}

TEST_CASE("a hidden line is read and never shown, and the terminal is as it was") {
  const Shown shown = on_terminal(
      80,
      [] {
        const auto secret = ask_hidden("key: ");
        return secret && secret->reveal() == "s3cret" && echoes() ? 0 : 1;
      },
      "s3cret\n", "key: ");
  CHECK(shown.code == 0);
  CHECK(shown.text.find("s3cret") == std::string::npos);
}

TEST_CASE("Ctrl-C at a hidden question ends it at once, and the terminal is as it was") {
  const Shown shown = on_terminal(
      80,
      [] {
        const auto secret = ask_hidden("key: ");
        return !secret && secret.error().kind == ErrorKind::invalid && echoes() ? 0 : 1;
      },
      "abc\x03", "key: ");
  CHECK(shown.code == 0);
}

TEST_CASE("only y and yes are a yes") {
  for (const auto& [typed, yes] : {std::pair{"y\n", true},
                                   {"YES\n", true},
                                   {" yes \n", true},
                                   {"\n", false},
                                   {"n\n", false},
                                   {"yesterday\n", false},
                                   {"\x04", false}}) {
    CAPTURE(typed);
    const Shown shown = on_terminal(
        80, [] { return can_ask() && confirm("Sure?") ? 10 : 20; }, typed, "Sure? [y/N] ");
    CHECK(shown.code == (yes ? 10 : 20));
  }
}

}  // namespace
}  // namespace routerone::cli
