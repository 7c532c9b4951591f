#include "cli/commands/log_file.h"

#include <csignal>
#include <deque>
#include <fstream>
#include <thread>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr Millis look_every{200};
constexpr std::size_t longest_line = 4'000, longest_reason = 400;
constexpr int exit_interrupted = 130;  // as shells count SIGINT

volatile std::sig_atomic_t interrupted = 0;
void note_interrupt(int) { interrupted = 1; }

}  // namespace

LogPosition end_of(const std::filesystem::path& log) {
  std::error_code error;
  const auto size = std::filesystem::file_size(log, error);
  return error ? 0 : size;
}

Error last_words_since(const std::filesystem::path& log, LogPosition since) {
  constexpr std::string_view hint = "hint: ", name = "routeroned: ";
  std::ifstream file(log);
  file.seekg(static_cast<std::streamoff>(since));
  Error said;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(hint)) {
      said.hint = printable(line.substr(hint.size()), longest_reason);
    } else if (!line.empty()) {
      said.message =
          printable(line.substr(line.starts_with(name) ? name.size() : 0), longest_reason);
      said.hint.clear();
    }
  }
  return said;
}

Result<int> print_log(Call& call, const std::filesystem::path& log, int lines, bool follow) {
  std::ifstream file(log);
  if (!file)
    return fail(ErrorKind::not_found, "there is no log at " + log.string(),
                "a daemon started by hand logs to its own terminal");
  std::deque<std::string> kept;
  std::string line;
  while (std::getline(file, line)) {
    kept.push_back(line);
    if (kept.size() > static_cast<std::size_t>(lines)) kept.pop_front();
  }
  for (const std::string& each : kept) call.out().line(printable(each, longest_line));
  if (!follow) return 0;
  std::signal(SIGINT, note_interrupt);
  while (!interrupted && call.out().flush() && !call.out().reader_gone()) {
    file.clear();
    while (std::getline(file, line)) call.out().line(printable(line, longest_line));
    std::this_thread::sleep_for(look_every);
  }
  return interrupted ? exit_interrupted : 0;
}

}  // namespace routerone::cli
