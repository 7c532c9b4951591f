#include "common/platform/process.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/platform/files.h"

using namespace routerone;
namespace fs = std::filesystem;

namespace {

struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "routerone-test-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }
};

template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

TEST_CASE("this program knows its own file") {
  const auto path = executable_path();
  REQUIRE(path.has_value());
  CHECK(path->filename().string().find("test_common_platform") == 0);
}

TEST_CASE("a detached program gets its arguments untouched, no stdin, and its output in the file") {
  TemporaryFolder here;
  const auto output = here.path / "log";
  const auto pid =
      start_detached({"/bin/sh",
                      {"-c", "cat; pwd; umask; printf '%s|' \"$@\"; echo; ls /proc/self/fd", "name",
                       "a b", "$(id)", "", "'\""},
                      output});
  REQUIRE(pid.has_value());
  CHECK(*pid != ::getpid());
  REQUIRE(eventually([&] { return !process_alive(*pid); }));
  const auto text = *read_file(output);
  CHECK(text.find("/\n0077\na b|$(id)||'\"|\n0\n1\n2\n3\n") == 0);
}

TEST_CASE("a detached program is not our child and can be signalled") {
  const auto pid = start_detached({"/bin/sleep", {"600"}, {}});
  REQUIRE(pid.has_value());
  CHECK(process_alive(*pid));
  CHECK(::waitpid(*pid, nullptr, WNOHANG) == -1);
  CHECK(::getsid(*pid) != ::getsid(0));
  REQUIRE(signal_process(*pid, SIGTERM).has_value());
  CHECK(eventually([&] { return !process_alive(*pid); }));
  REQUIRE(eventually([&] { return !signal_process(*pid, SIGTERM); }));  // once init has buried it
  CHECK(signal_process(*pid, SIGTERM).error().kind == ErrorKind::not_found);
}

TEST_CASE("a process that has ended counts as gone, even before its parent has noticed") {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  REQUIRE(child > 0);
  CHECK(eventually([&] { return !process_alive(child); }));
  CHECK(::kill(child, 0) == 0);  // still there, as a zombie
  CHECK(::waitpid(child, nullptr, 0) == child);
  CHECK(process_alive(::getpid()));
}

TEST_CASE("a program is found beside the running one or on PATH, and nowhere else") {
  const auto ours = executable_path();
  REQUIRE(ours);
  CHECK(*find_program(ours->filename().string()) == *ours);
  const auto shell = find_program("sh");
  REQUIRE(shell);
  CHECK(shell->is_absolute());
  CHECK(find_program("no-such-program").error().kind == ErrorKind::not_found);
}

TEST_CASE("a program that cannot be started is an error with its reason") {
  const auto missing = start_detached({"/no/such/program", {}, {}});
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK_FALSE(start_detached({"/etc/passwd", {}, {}}).has_value());
  CHECK_FALSE(start_detached({"/bin/true", {}, "/no/such/folder/log"}).has_value());
  CHECK_FALSE(process_alive(0));
  CHECK_FALSE(signal_process(-1, SIGTERM).has_value());
}
