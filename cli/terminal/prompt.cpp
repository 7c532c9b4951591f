#include "cli/terminal/prompt.h"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "cli/terminal/agent_shell.h"
#include "common/core/text.h"
#include "common/platform/descriptor.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_secret = 8 << 10;
constexpr char interrupt = 3;  // Ctrl-C

void say(int fd, std::string_view text) { (void)!::write(fd, text.data(), text.size()); }

/// Echo off as long as this lives; signals that would leave it off are held back meanwhile.
class NoEcho {
 public:
  explicit NoEcho(int fd) : fd_(fd) {
    sigset_t held;
    ::sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) ::sigaddset(&held, signal);
    ::sigprocmask(SIG_BLOCK, &held, &signals_before_);
    ::tcgetattr(fd_, &before_);
    termios quiet = before_;
    // Ctrl-C then comes as a character, which the reader takes for a no; as the end of a line too,
    // or the terminal would hold it back until Enter.
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    quiet.c_cc[VEOL] = interrupt;
    ::tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    ::tcsetattr(fd_, TCSAFLUSH, &before_);
    ::sigprocmask(SIG_SETMASK, &signals_before_, nullptr);
  }

 private:
  int fd_;
  termios before_{};
  sigset_t signals_before_{};
};

enum class Read { line, stopped };

Read read_line(int fd, std::string& line) {
  line.reserve(longest_secret);  // no copy is left behind by growing
  for (char c = 0; line.size() < longest_secret;) {
    const auto got = ::read(fd, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == interrupt) return Read::stopped;
    if (c == '\n' || c == '\r') return Read::line;
    line += c;
  }
  return Read::stopped;
}

}  // namespace

bool can_ask() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 && !in_agent_shell();
}

void show_prompt(const Shown& prompt) { say(STDERR_FILENO, prompt.bytes(false)); }

bool confirm(const std::string& question) {
  say(STDERR_FILENO, question + " [y/N] ");
  std::string answer;
  for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n';) {
    if (answer.size() < 16) answer += c;
  }
  answer = lower(trim(answer));
  return answer == "y" || answer == "yes";
}

Result<Secret> ask_hidden(const std::string& question) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal)
    return fail(ErrorKind::invalid, "there is no terminal to ask at",
                "use --key-from env:VAR, file:PATH or - (stdin)");
  say(terminal.get(), question);
  std::string line;
  Read how = Read::stopped;
  {
    const NoEcho quiet(terminal.get());
    how = read_line(terminal.get(), line);
  }
  say(terminal.get(), "\n");
  Secret secret(std::move(line));
  if (how == Read::stopped) return fail(ErrorKind::invalid, "stopped; nothing was changed");
  return secret;
}

}  // namespace routerone::cli
