#include "cli/secrets/command_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/secrets/read_secret.h"
#include "common/core/text.h"
#include "common/platform/descriptor.h"

extern "C" char** environ;

namespace routerone::cli {
namespace {

struct Pipe {
  Descriptor read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(ErrorKind::internal, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<pid_t> spawn(const std::vector<std::string>& words, int output) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;  // we ignore SIGPIPE; the program shall not inherit that
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int problem = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0)
    return fail(ErrorKind::invalid, fmt::format("cmd: cannot start {}: {}",
                                                printable(words.front()), std::strerror(problem)));
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Result<Secret> command_output(const std::vector<std::string>& words) {
  TRY(Pipe pipe, make_pipe());
  TRY(const pid_t pid, spawn(words, pipe.write.get()));
  pipe.write.reset();
  auto secret = read_secret(pipe.read.get(), "cmd: the output of " + printable(words.front()));
  pipe.read.reset();  // a program that still prints ends by SIGPIPE
  const int status = wait_for(pid);
  if (!secret) return secret;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(ErrorKind::invalid,
                fmt::format("cmd: {} failed ({})", printable(words.front()),
                            WIFEXITED(status) ? fmt::format("exit status {}", WEXITSTATUS(status))
                                              : "stopped by a signal"));
  return secret;
}

}  // namespace routerone::cli
