#include "cli/commands/repl_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "cli/commands/forked.h"
#include "cli/terminal/full_screen.h"
#include "cli/terminal/shown.h"
#include "common/platform/descriptor.h"

namespace routerone::cli {
namespace {

constexpr std::size_t most_output = 1 << 20;

/// One run of the command on a terminal that nobody sees, so that it prints as for a person.
class Run {
 public:
  static Result<Run> start(const std::function<int()>& command, int columns, int rows) {
    Descriptor ours(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!ours || ::grantpt(ours.get()) != 0 || ::unlockpt(ours.get()) != 0)
      return fail(ErrorKind::internal,
                  fmt::format("cannot open a terminal: {}", std::strerror(errno)));
    const Descriptor its(::open(::ptsname(ours.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = static_cast<unsigned short>(rows);
    ::ioctl(its.get(), TIOCSWINSZ, &size);
    TRY(const pid_t process, start_forked(
                                 [&] {
                                   ::dup2(nothing.get(), STDIN_FILENO);
                                   ::dup2(its.get(), STDOUT_FILENO);
                                   ::dup2(its.get(), STDERR_FILENO);
                                   return command();
                                 },
                                 true));
    return Run(process, std::move(ours));
  }
  Run(Run&& other) noexcept
      : process_(std::exchange(other.process_, -1)), output_(std::move(other.output_)) {}
  Run& operator=(Run&&) = delete;
  ~Run() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    wait_for_end(process_);
  }

  int descriptor() const { return output_.get(); }
  /// False once there is no more.
  bool read(std::string& text) const {
    char part[4096];
    const auto got = ::read(output_.get(), part, sizeof part);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    if (text.size() < most_output) text.append(part, static_cast<std::size_t>(got));
    return true;
  }

 private:
  Run(pid_t process, Descriptor output) : process_(process), output_(std::move(output)) {}
  pid_t process_;
  Descriptor output_;
};

std::vector<std::string> rows_of(const std::string& title, const std::string& output) {
  std::vector<std::string> rows = {Shown(title, Color::dim).bytes(true), ""};
  std::string row;
  for (const char c : output) {
    if (c == '\n') rows.push_back(std::exchange(row, {}));
    if (c != '\n' && c != '\r') row += c;
  }
  if (!row.empty()) rows.push_back(row);
  return rows;
}

using Event = FullScreen::Event;

}  // namespace

Result<int> watch_command(const Clock& clock, Millis every, const std::string& title,
                          const std::function<int()>& command) {
  FullScreen screen;
  std::vector<std::string> rows;
  for (;;) {
    const SteadyTime next = clock.steady() + every;
    TRY(const Run run, Run::start(command, screen.columns(), screen.rows()));
    std::string output;
    for (bool running = true;;) {
      const auto left = std::chrono::ceil<Millis>(next - clock.steady());
      if (!running && left.count() <= 0) break;
      const Event event =
          screen.wait(running ? run.descriptor() : -1, running ? Millis(1'000) : left);
      if (event == Event::key) return 0;
      if (event == Event::ended) return 128 + screen.ended_by().value_or(SIGTERM);
      if (event == Event::resized) screen.draw(rows);
      if (event != Event::readable || run.read(output)) continue;
      running = false;
      rows = rows_of(title, output);
      screen.draw(rows);
    }
  }
}

}  // namespace routerone::cli
