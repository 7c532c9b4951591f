#include "common/platform/captured.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/core/text.h"
#include "common/platform/pipe.h"

extern "C" char** environ;

namespace routerone {
namespace {

constexpr std::size_t most_output = 64 << 10;

/// posix_spawn's actions and attributes, which must be destroyed.
struct SpawnPlan {
  SpawnPlan(int output) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    ::posix_spawnattr_init(&attributes);
    sigset_t defaults;  // we ignore SIGPIPE; the program shall not inherit that
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

std::string read_to_end(int fd) {
  std::string text;
  char part[4096];
  for (;;) {
    const auto got = ::read(fd, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    if (text.size() < most_output) text.append(part, static_cast<std::size_t>(got));
  }
}

int code_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<Captured> run_captured(const std::vector<std::string>& words) {
  TRY(auto ends, make_pipe());
  auto& [reading, writing] = ends;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const SpawnPlan plan(writing.get());
  pid_t pid = 0;
  const int problem =
      ::posix_spawnp(&pid, argv[0], &plan.actions, &plan.attributes, argv.data(), environ);
  writing.reset();
  if (problem != 0)
    return fail(
        problem == ENOENT ? ErrorKind::not_found : ErrorKind::internal,
        fmt::format("cannot start {}: {}", printable(words.front()), std::strerror(problem)));
  Captured captured;
  captured.output = read_to_end(reading.get());
  captured.code = code_of(pid);
  return captured;
}

}  // namespace routerone
