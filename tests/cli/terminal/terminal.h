#pragma once

#include <doctest/doctest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <thread>

namespace routerone::cli::test {

/// What a child process that has a terminal of its own showed on it, and how it ended.
struct Shown {
  std::string text;
  int code = -1;
};

/// Runs `body` in a child on a new terminal of `columns`; types `typed` once it has shown `until`.
/// Not in a test that has threads: a child is born with whatever locks they hold.
inline Shown on_terminal(unsigned short columns, const std::function<int()>& body,
                         const std::string& typed = {}, const std::string& until = {}) {
  winsize size{};
  size.ws_col = columns;
  size.ws_row = 24;
  int fd = -1;
  std::fflush(nullptr);
  const pid_t child = ::forkpty(&fd, nullptr, nullptr, &size);
  if (child == 0) {
    const int code = body();
    std::fflush(nullptr);
    ::_exit(code);
  }
  REQUIRE(child > 0);
  Shown shown;
  bool answered = typed.empty();
  char part[1024];
  for (ssize_t got = 0; (got = ::read(fd, part, sizeof part)) > 0;) {
    shown.text.append(part, static_cast<std::size_t>(got));
    if (answered || shown.text.find(until) == std::string::npos) continue;
    // Not before the terminal was put into the state that the question needs.
    ::usleep(100'000);
    answered = ::write(fd, typed.data(), typed.size()) > 0;
  }
  ::close(fd);
  int how = 0;
  ::waitpid(child, &how, 0);
  if (WIFEXITED(how)) shown.code = WEXITSTATUS(how);
  return shown;
}

/// What `body` writes to a new terminal of `columns`, of which it is given stdout and stderr. Here,
/// without a child.
inline std::string written_to_terminal(
    unsigned short columns, const std::function<void(std::FILE* out, std::FILE* err)>& body) {
  winsize size{};
  size.ws_col = columns;
  size.ws_row = 24;
  int fd = -1, out_fd = -1;
  REQUIRE(::openpty(&fd, &out_fd, nullptr, nullptr, &size) == 0);
  std::string text;
  std::thread reader([&] {
    char part[1024];
    for (ssize_t got = 0; (got = ::read(fd, part, sizeof part)) > 0;)
      text.append(part, static_cast<std::size_t>(got));
  });
  std::FILE* const err = ::fdopen(::dup(out_fd), "w");
  std::FILE* const out = ::fdopen(out_fd, "w");
  std::setvbuf(err, nullptr, _IONBF, 0);
  body(out, err);
  std::fclose(err);
  std::fclose(out);
  reader.join();
  ::close(fd);
  return text;
}

}  // namespace routerone::cli::test
