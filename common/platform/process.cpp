#include "common/platform/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "common/core/text.h"
#include "common/platform/descriptor.h"

namespace routerone {
namespace {

constexpr int first_spare_fd = 3;

/// What the processes on the way tell the one that asked: the pid, or why there is none.
struct Report {
  int pid = 0;
  int error = 0;
};

/// Everything the child needs, made before fork(): after it only async-signal-safe calls are sound.
struct Plan {
  const char* file;
  std::vector<char*> argv;
  int input, output, report;
};

void tell(int fd, Report report) { (void)!::write(fd, &report, sizeof report); }

void close_from(int first) {
  const long limit = ::sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < std::clamp(limit, 256L, 65'536L); ++fd) ::close(fd);
}

void default_signals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGUSR2})
    ::signal(signal, SIG_DFL);
}

[[noreturn]] void become(const Plan& plan) {
  default_signals();
  ::umask(077);
  int report = first_spare_fd;
  if (::chdir("/") != 0 || ::dup2(plan.input, 0) < 0 || ::dup2(plan.output, 1) < 0 ||
      ::dup2(plan.output, 2) < 0 || (plan.report != report && ::dup2(plan.report, report) < 0) ||
      ::fcntl(report, F_SETFD, FD_CLOEXEC) != 0) {
    tell(plan.report, {0, errno});
    ::_exit(127);
  }
  close_from(report + 1);
  ::execv(plan.file, plan.argv.data());
  tell(report, {0, errno});
  ::_exit(127);
}

/// Between us and the program stands one process that ends at once, so that init adopts it.
[[noreturn]] void stand_between(const Plan& plan) {
  ::setsid();
  const pid_t pid = ::fork();
  if (pid == 0) become(plan);
  tell(plan.report, {pid > 0 ? pid : 0, pid > 0 ? 0 : errno});
  ::_exit(0);
}

Result<int> read_reports(int fd, const std::filesystem::path& file) {
  int pid = 0, error = 0;
  for (Report report;;) {
    const auto got = ::read(fd, &report, sizeof report);
    if (got < 0 && errno == EINTR) continue;
    if (got != static_cast<ssize_t>(sizeof report)) break;
    if (report.error != 0) error = report.error;
    if (report.pid != 0) pid = report.pid;
  }
  if (error == 0 && pid != 0) return pid;
  return fail(error == ENOENT ? ErrorKind::not_found : ErrorKind::internal,
              fmt::format("cannot start {}: {}", printable(file.string(), 256),
                          error != 0 ? std::strerror(error) : "it left no word"));
}

/// Out of the way of 0 to 3, which the child puts in place one after the other.
Descriptor above_standard(int fd) {
  const Descriptor low(fd);
  return Descriptor(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, first_spare_fd + 1));
}

/// proc(5): `PID (NAME) STATE ..`; the name may hold anything, brackets too.
bool is_zombie(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  if (!std::getline(file, text)) return false;
  const auto name_end = text.rfind(") ");
  return name_end != text.npos && name_end + 2 < text.size() && text[name_end + 2] == 'Z';
}

}  // namespace

Result<std::filesystem::path> find_program(const std::string& name) {
  TRY(const std::filesystem::path ours, executable_path());
  std::vector<std::filesystem::path> folders = {ours.parent_path()};
  if (const char* const path = std::getenv("PATH"))
    for (const std::string_view folder : split(path, ':'))
      if (folder.starts_with('/')) folders.emplace_back(folder);
  std::error_code ignored;
  for (const std::filesystem::path& folder : folders)
    if (std::filesystem::is_regular_file(folder / name, ignored) &&
        ::access((folder / name).c_str(), X_OK) == 0)
      return folder / name;
  return fail(ErrorKind::not_found, name + " is neither beside this program nor on PATH");
}

Result<int> start_detached(const DetachedProgram& program) {
  const bool kept = !program.output.empty();
  const auto input = above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto output =
      above_standard(kept ? ::open(program.output.c_str(),
                                   O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)
                          : ::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!input || !output)
    return fail(ErrorKind::internal,
                fmt::format("cannot open {}: {}", kept ? program.output.string() : "/dev/null",
                            std::strerror(errno)));
  int ends[2];
  if (::pipe(ends) != 0)
    return fail(ErrorKind::internal, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  const auto reports = above_standard(ends[0]);
  auto report = above_standard(ends[1]);

  const std::string file = program.file.string();
  auto arguments = program.arguments;
  Plan plan{file.c_str(), {}, input.get(), output.get(), report.get()};
  std::string name = program.file.filename().string();
  plan.argv.push_back(name.data());
  for (auto& argument : arguments) plan.argv.push_back(argument.data());
  plan.argv.push_back(nullptr);

  const pid_t child = ::fork();
  if (child == 0) stand_between(plan);
  report.reset();  // ours, so that the pipe ends when the program has been taken
  if (child < 0)
    return fail(ErrorKind::internal, fmt::format("cannot fork: {}", std::strerror(errno)));
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return read_reports(reports.get(), program.file);
}

bool process_alive(int pid) {
  return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM) && !is_zombie(pid);
}

Status signal_process(int pid, int signal) {
  if (pid <= 0) return fail(ErrorKind::invalid, "a process id is above 0");
  if (::kill(pid, signal) == 0) return {};
  return fail(errno == ESRCH ? ErrorKind::not_found : ErrorKind::unauthorized,
              fmt::format("cannot signal process {}: {}", pid, std::strerror(errno)));
}

}  // namespace routerone
