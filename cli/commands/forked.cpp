#include "cli/commands/forked.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "cli/terminal/signal_pipe.h"

namespace routerone::cli {
namespace {

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/// What the terminal was set to, again when this goes.
class TerminalKept {
 public:
  TerminalKept() : known_(::tcgetattr(STDIN_FILENO, &before_) == 0) {}
  ~TerminalKept() {
    if (known_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }
  TerminalKept(const TerminalKept&) = delete;
  TerminalKept& operator=(const TerminalKept&) = delete;

 private:
  termios before_{};
  bool known_;
};

/// As exec does it, for those that anything here catches.
void reset_caught_signals() {
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD, SIGTSTP, SIGCONT, SIGWINCH}) {
    struct sigaction now {};
    ::sigaction(signal, nullptr, &now);
    if (now.sa_handler != SIG_IGN) ::signal(signal, SIG_DFL);
  }
}

/// By a handler that does nothing: what is ignored stays so in what is forked off.
void hold(int signal, struct sigaction& before) {
  struct sigaction held {};
  held.sa_handler = [](int) {};
  held.sa_flags = SA_RESTART;
  ::sigaction(signal, nullptr, &before);
  if (before.sa_handler != SIG_IGN) ::sigaction(signal, &held, nullptr);
}

void tell_signal(int signal) {
  if (signal != SIGINT)
    fmt::print(stderr, "{}\n", ::strsignal(signal));
  else if (::isatty(STDERR_FILENO) == 1)
    fmt::print(stderr, "\n");
}

}  // namespace

KeyboardSignalsHeld::KeyboardSignalsHeld() {
  hold(SIGINT, interrupt_);
  hold(SIGQUIT, quit_);
}

KeyboardSignalsHeld::~KeyboardSignalsHeld() {
  ::sigaction(SIGINT, &interrupt_, nullptr);
  ::sigaction(SIGQUIT, &quit_, nullptr);
}

Result<pid_t> start_forked(const std::function<int()>& body, bool apart) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(ErrorKind::internal,
                fmt::format("cannot start a process: {}", std::strerror(errno)));
  if (pid > 0) return pid;
  reset_caught_signals();
  if (apart) ::setpgid(0, 0);
  const int code = body();
  std::fflush(nullptr);
  ::_exit(code);
}

int wait_for_end(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return 125;
  return code_of(status);
}

Result<int> run_forked(const std::function<int()>& body) {
  const TerminalKept terminal;
  std::optional<int> ended_by;
  int status = 0;
  {
    const KeyboardSignalsHeld keyboard;
    SignalPipe signals({SIGCHLD, SIGTERM, SIGHUP});
    TRY(const pid_t pid, start_forked(body, false));
    while (::waitpid(pid, &status, WNOHANG) == 0) {
      pollfd look{signals.descriptor(), POLLIN, 0};
      (void)::poll(&look, 1, -1);
      while (const auto signal = signals.next()) {
        if (*signal == SIGCHLD) continue;
        ended_by = *signal;
        ::kill(pid, *signal);
      }
    }
  }
  if (ended_by)
    ::raise(*ended_by);
  else if (WIFSIGNALED(status))
    tell_signal(WTERMSIG(status));
  return code_of(status);
}

}  // namespace routerone::cli
