#include "cli/commands/forked.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include "tests/cli/terminal/terminal.h"

namespace routerone::cli {
namespace {

TEST_CASE("the exit code of what ran apart comes back, and nothing else of it") {
  int here = 1;
  const auto code = run_forked([&] {
    here = 2;
    ::signal(SIGUSR1, SIG_IGN);
    return 42;
  });
  REQUIRE(code);
  CHECK(*code == 42);
  CHECK(here == 1);
  struct sigaction now {};
  ::sigaction(SIGUSR1, nullptr, &now);
  CHECK((now.sa_handler == SIG_DFL));
}

TEST_CASE("what a signal ended counts as in a shell") {
  const auto code = run_forked([] { return ::raise(SIGKILL); });
  REQUIRE(code);
  CHECK(*code == 128 + SIGKILL);
}

TEST_CASE("Ctrl-C ends what runs, not who waits for it") {
  const auto shown = test::on_terminal(
      80,
      [] {
        const auto code = run_forked([] {
          std::printf("ready\n");
          std::fflush(stdout);
          for (;;) ::pause();
          return 0;
        });
        return code && *code == 128 + SIGINT ? 7 : 1;
      },
      "\x03", "ready");
  CHECK(shown.code == 7);
}

TEST_CASE("the row that Ctrl-C stands in is ended, and a worse end is named") {
  const auto shown = test::on_terminal(
      80,
      [] {
        (void)run_forked([] {
          std::printf("ready");
          std::fflush(stdout);
          for (;;) ::pause();
          return 0;
        });
        (void)run_forked([] { return ::raise(SIGKILL); });
        return 0;
      },
      "\x03", "ready");
  CHECK(shown.text == "ready^C\r\nKilled\r\n");
}

TEST_CASE("Ctrl-C between two that run ends neither who waits nor the next one") {
  const auto shown = test::on_terminal(80, [] {
    const KeyboardSignalsHeld held;
    ::raise(SIGINT);
    ::raise(SIGQUIT);
    const auto code = run_forked([] { return ::raise(SIGINT); });
    return code && *code == 128 + SIGINT ? 7 : 1;
  });
  CHECK(shown.code == 7);
}

TEST_CASE("a SIGTERM is passed on, and ends us once that has ended") {
  const auto shown = test::on_terminal(80, [] {
    const auto code = run_forked([] {
      ::kill(::getppid(), SIGTERM);
      for (;;) ::pause();
      return 0;
    });
    return code ? 1 : 2;
  });
  CHECK(shown.code == -1);
}

}  // namespace
}  // namespace routerone::cli
