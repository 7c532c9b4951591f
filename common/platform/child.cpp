#include "common/platform/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "common/core/text.h"
#include "common/platform/descriptor.h"
#include "common/platform/pipe.h"

extern char** environ;

namespace routerone {
namespace {

constexpr std::array passed_on = {SIGINT,   SIGQUIT, SIGTERM, SIGHUP,
                                  SIGWINCH, SIGUSR1, SIGUSR2, SIGCONT};

/// A handler has no other way to reach what it is for.
std::atomic<int> heard{-1};

/// Of what comes from the terminal the kernel has told the child, too: nobody sent it.
void note_signal(int signal, siginfo_t* info, void*) {
  const int before = errno;
  const bool sent_to_us = info->si_code <= 0 && info->si_pid != 0;
  const auto number = static_cast<unsigned char>(signal);
  if (signal == SIGCHLD || sent_to_us) (void)!::write(heard.load(), &number, 1);
  errno = before;
}

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_;
};

tl::unexpected<Error> cannot_execute(const std::string& program, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  return fail(missing ? ErrorKind::not_found : ErrorKind::unauthorized,
              fmt::format("cannot run {}: {}", printable(program, 256),
                          missing ? "there is no such program" : std::strerror(error)));
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

struct Child::Impl {
  struct Disposition {
    int signal;
    struct sigaction before;
  };
  pid_t pid = -1;
  Descriptor listen, tell;
  std::vector<Disposition> dispositions;

  void hear(int signal);
  void hear_all();
  void restore() const;
  void pass_on() const;
  bool stops() const;
  [[noreturn]] void become(char** words, char** variables, const sigset_t& mask, int report) const;
};

/// What is ignored stays so, as under nohup.
void Child::Impl::hear(int signal) {
  Disposition one{signal, {}};
  ::sigaction(signal, nullptr, &one.before);
  if (signal != SIGCHLD && one.before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_sigaction = note_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
  dispositions.push_back(one);
}

void Child::Impl::hear_all() {
  heard = tell.get();
  hear(SIGCHLD);
  for (const int signal : passed_on) hear(signal);
}

void Child::Impl::restore() const {
  for (const Disposition& one : dispositions) ::sigaction(one.signal, &one.before, nullptr);
}

/// After fork: only what is async-signal-safe, but for the search in PATH, and no other thread ran.
void Child::Impl::become(char** words, char** variables, const sigset_t& mask, int report) const {
  restore();
  ::signal(SIGPIPE, SIG_DFL);  // ours is ignored; what it was before nobody knows
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  environ = variables;
  ::execvp(words[0], words);
  const int error = errno;
  (void)!::write(report, &error, sizeof error);
  ::_exit(127);
}

void Child::Impl::pass_on() const {
  unsigned char number = 0;
  while (::read(listen.get(), &number, 1) == 1) {
    if (number != SIGCHLD) ::kill(pid, number);
  }
}

/// It is stopped now, and nobody was told yet.
bool Child::Impl::stops() const {
  siginfo_t info{};
  const int looked = ::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED | WNOHANG | WNOWAIT);
  return looked == 0 && info.si_pid == pid;
}

Child::Child() : impl_(std::make_unique<Impl>()) {}

Child::~Child() {
  const SignalsBlocked quiet;
  impl_->restore();
  heard = -1;
}

Result<std::unique_ptr<Child>> Child::start(const Program& program) {
  std::unique_ptr<Child> child(new Child);
  Impl& impl = *child->impl_;
  TRY(auto ends, make_pipe());
  impl.listen = std::move(ends[0]);
  impl.tell = std::move(ends[1]);
  for (const auto* end : {&impl.listen, &impl.tell}) ::fcntl(end->get(), F_SETFL, O_NONBLOCK);
  TRY(auto report, make_pipe());

  std::vector<std::string> words = program.command, variables;
  for (const auto& [name, value] : program.environment) variables.push_back(name + "=" + value);
  const std::vector<char*> argv = pointers_to(words), envp = pointers_to(variables);
  {
    const SignalsBlocked quiet;
    impl.hear_all();
    impl.pid = ::fork();
    if (impl.pid == 0)
      impl.become(const_cast<char**>(argv.data()), const_cast<char**>(envp.data()), quiet.before(),
                  report[1].get());
  }
  if (impl.pid < 0)
    return fail(ErrorKind::internal, fmt::format("cannot fork: {}", std::strerror(errno)));
  report[1].reset();
  int error = 0;
  ssize_t got = 0;
  while ((got = ::read(report[0].get(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (got != sizeof error) return child;
  while (::waitpid(impl.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return cannot_execute(program.command.front(), error);
}

std::optional<int> Child::wait(int also, std::optional<Millis> at_most) {
  for (;;) {
    impl_->pass_on();
    if (impl_->stops()) {
      int ignored = 0;
      ::waitpid(impl_->pid, &ignored, WUNTRACED | WNOHANG);
      ::raise(SIGTSTP);
      continue;
    }
    int status = 0;
    if (::waitpid(impl_->pid, &status, WNOHANG) == impl_->pid)
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    std::array<pollfd, 2> watched = {{{impl_->listen.get(), POLLIN, 0}, {also, POLLIN, 0}}};
    const int time = at_most ? static_cast<int>(at_most->count()) : -1;
    const int ready = ::poll(watched.data(), also < 0 ? 1 : 2, time);
    if (ready == 0 || (ready > 0 && also >= 0 && watched[1].revents != 0)) return std::nullopt;
  }
}

Status check_executable(const std::string& program, const std::string& path) {
  int error = ENOENT;
  const auto is_there = [&error](const std::string& file) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) {
      if (errno == EACCES) error = errno;
      return false;
    }
    if (S_ISREG(info.st_mode) && ::access(file.c_str(), X_OK) == 0) return true;
    error = EACCES;
    return false;
  };
  if (program.find('/') != program.npos) {
    if (is_there(program)) return {};
    return cannot_execute(program, error);
  }
  for (const std::string_view folder : split(path, ':')) {
    const std::string place(folder.empty() ? "." : folder);
    if (!program.empty() && is_there(place + "/" + program)) return {};
  }
  return cannot_execute(program, error);
}

}  // namespace routerone
