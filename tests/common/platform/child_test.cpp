#include "common/platform/child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "common/platform/descriptor.h"
#include "common/platform/environment.h"
#include "tests/support/temp_dir.h"

namespace routerone {
namespace {

using test::TempDir;

std::unique_ptr<Child> start(const std::string& script) {
  auto variables = environment_of_process();
  variables["ONLY_HERE"] = "yes";
  auto child = Child::start({{"sh", "-c", script}, variables});
  REQUIRE(child);
  return *std::move(child);
}

int code_of(const std::string& script) {
  const auto child = start(script);
  const auto code = child->wait(-1, std::nullopt);
  REQUIRE(code);
  return *code;
}

TEST_CASE("a child's code is its own, and a signal that ended it is 128 and its number") {
  CHECK(code_of("exit 0") == 0);
  CHECK(code_of("exit 7") == 7);
  CHECK(code_of("kill -TERM $$") == 143);
  CHECK(code_of("kill -INT $$") == 130);
}

TEST_CASE("a child has the environment it was given, and no other") {
  CHECK(code_of("test \"$ONLY_HERE\" = yes") == 0);
  const auto bare = Child::start({{"/bin/sh", "-c", "test -z \"$HOME\""}, {{"PATH", "/bin"}}});
  REQUIRE(bare);
  CHECK((*bare)->wait(-1, std::nullopt) == 0);
}

TEST_CASE("what is not there and what cannot be executed are told apart, before and at the start") {
  const TempDir dir;
  const std::string plain = (dir.path() / "plain").string();
  std::ofstream(plain) << "text";
  for (const auto& [program, kind] :
       {std::pair<std::string, ErrorKind>{"no-such-program-here", ErrorKind::not_found},
        {"/nowhere/program", ErrorKind::not_found},
        {"", ErrorKind::not_found},
        {plain, ErrorKind::unauthorized},
        {"/", ErrorKind::unauthorized}}) {
    CAPTURE(program);
    const auto checked = check_executable(program, "/usr/bin:/bin");
    REQUIRE_FALSE(checked);
    CHECK(checked.error().kind == kind);
    const auto started = Child::start({{program}, {{"PATH", "/usr/bin:/bin"}}});
    REQUIRE_FALSE(started);
    CHECK(started.error().kind == kind);
  }
  CHECK(check_executable("sh", "/nowhere:/bin"));
}

TEST_CASE("waiting ends when something can be read, and when its time is over") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);  // the child must not keep it open
  const Descriptor read(ends[0]);
  Descriptor write(ends[1]);
  const auto child = start("exec sleep 60");
  CHECK_FALSE(child->wait(read.get(), Millis(1)));
  write.reset();
  CHECK_FALSE(child->wait(read.get(), std::nullopt));
  ::kill(::getpid(), SIGTERM);  // to us alone: the child's
  CHECK(child->wait(-1, std::nullopt) == 143);
}

TEST_CASE("a signal means what it meant before once the child is over") {
  struct sigaction before {
  }, after{};
  ::sigaction(SIGINT, nullptr, &before);
  CHECK(code_of("exit 0") == 0);
  ::sigaction(SIGINT, nullptr, &after);
  CHECK((before.sa_handler == after.sa_handler));
}

}  // namespace
}  // namespace routerone
