#include "cli/commands/log_file.h"

#include <csignal>
#include <deque>
#include <fstream>
#include <thread>

#include "cli/commands/log_lines.h"
#include "cli/commands/log_reader.h"
#include "cli/commands/views.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr Millis look_every{200};
constexpr std::size_t longest_line = 4'000, longest_reason = 400;
constexpr int exit_interrupted = 130;  // as shells count SIGINT

volatile std::sig_atomic_t interrupted = 0;
void note_interrupt(int) { interrupted = 1; }

/// Ctrl-C ends the following and nothing else, as long as this lives.
class UntilInterrupted {
 public:
  UntilInterrupted() {
    interrupted = 0;
    before_ = std::signal(SIGINT, note_interrupt);
  }
  ~UntilInterrupted() { std::signal(SIGINT, before_); }
  UntilInterrupted(const UntilInterrupted&) = delete;
  UntilInterrupted& operator=(const UntilInterrupted&) = delete;

 private:
  void (*before_)(int);
};

Result<LogFilter> read_filter(Call& call) {
  std::optional<WallTime> since;
  if (const auto text = call.text("since")) {
    TRY(since, parse_moment(*text, call.clock().wall()));
  }
  TRY(const LogLevel least, parse_log_level(call.text("level").value_or("trace")));
  return LogFilter(since, least);
}

std::optional<LogLine> next_wanted(LogReader& reader, LogFilter& filter) {
  while (const auto text = reader.next()) {
    LogLine line = read_log_line(*text);
    if (filter.takes(line)) return line;
  }
  return std::nullopt;
}

Color color_of(LogLevel level) {
  if (level == LogLevel::error) return Color::red;
  return level == LogLevel::warning ? Color::yellow : Color::none;
}

void print_line(Output& out, const LogLine& line) {
  const Json json = to_json(line);
  const std::string level = text_of(json, "level");
  const Shown text(std::string_view(line.text).substr(0, longest_line));
  if (line.time.empty()) return out.line(text);
  out.line(Output::paint(Color::dim, line.time) + " " + Output::paint(color_of(line.level), level) +
           " " + text);
}

void print_kept(Call& call, const std::deque<LogLine>& lines, bool follow) {
  if (!call.json()) {
    for (const LogLine& line : lines) print_line(call.out(), line);
  } else if (follow) {
    for (const LogLine& line : lines) call.out().json_line(to_json(line));
  } else {
    Json all = Json::array();
    for (const LogLine& line : lines) all.push_back(to_json(line));
    call.out().json(all);
  }
}

int print_what_comes(Call& call, LogReader& reader, LogFilter& filter) {
  const UntilInterrupted guard;
  while (!interrupted && call.out().flush() && !call.out().reader_gone()) {
    while (const auto line = next_wanted(reader, filter)) {
      if (call.json())
        call.out().json_line(to_json(*line));
      else
        print_line(call.out(), *line);
    }
    std::this_thread::sleep_for(look_every);
  }
  return interrupted ? exit_interrupted : 0;
}

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

Result<int> print_log(Call& call, const std::filesystem::path& log) {
  TRY(const auto lines, call.number("lines", 1, 1'000'000));
  TRY(LogFilter filter, read_filter(call));
  // All there is since then, unless a number was said.
  const std::size_t usual = call.has("since") ? 1'000'000 : 100;
  const std::size_t most = lines ? static_cast<std::size_t>(*lines) : usual;
  TRY(LogReader reader,
      filter.takes_all() ? LogReader::before_last(log, most) : LogReader::from_beginning(log));
  std::deque<LogLine> kept;
  while (auto line = next_wanted(reader, filter)) {
    kept.push_back(*std::move(line));
    if (kept.size() > most) kept.pop_front();
  }
  const bool follow = call.has("follow");
  print_kept(call, kept, follow);
  return follow ? print_what_comes(call, reader, filter) : 0;
}

}  // namespace routerone::cli
