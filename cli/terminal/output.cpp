#include "cli/terminal/output.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/terminal/agent_shell.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_line = 2'000;

bool set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value != '\0';
}

/// A terminal that a person looks at; those that agents have are for programs.
bool person_at(std::FILE* file) { return ::isatty(::fileno(file)) == 1 && !in_agent_shell(); }

bool dumb() {
  const char* kind = std::getenv("TERM");
  return kind && std::strcmp(kind, "dumb") == 0;
}

int columns_of(std::FILE* file) {
  constexpr int usual = 80;
  winsize size{};
  if (::ioctl(::fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return usual;
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

void put(std::FILE* file, const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), file);
  std::fputc('\n', file);
}

}  // namespace

Result<ColorMode> parse_color(std::string_view word) {
  if (word == "auto") return ColorMode::automatic;
  if (word == "always") return ColorMode::always;
  if (word == "never") return ColorMode::never;
  return fail(ErrorKind::invalid, "--color does not know \"" + printable(word, 20) + "\"",
              "--color takes: auto, always, never");
}

bool decide_color(ColorMode mode, bool terminal) {
  if (mode != ColorMode::automatic) return mode == ColorMode::always;
  const char* force = std::getenv("CLICOLOR_FORCE");
  if (force && *force != '\0' && std::strcmp(force, "0") != 0) return true;
  if (set("NO_COLOR") || !terminal) return false;
  return !dumb();
}

Output::Output(std::FILE* out, std::FILE* err, Options options)
    : out_(out),
      err_(err),
      terminal_(person_at(out)),
      quiet_(options.quiet),
      color_(decide_color(options.color, terminal_)),
      error_color_(decide_color(options.color, person_at(err))),
      error_moves_(person_at(err) && !dumb()) {}

int Output::width() const { return columns_of(out_); }

void Output::take_status_away() {
  if (!status_shown_) return;
  status_shown_ = false;
  std::fputs("\r\x1b[K", err_);
  std::fflush(err_);
}

void Output::put_out(const std::string& line) {
  if (terminal_) take_status_away();
  put(out_, line);
}

void Output::put_err(const std::string& line) {
  if (terminal_) std::fflush(out_);  // they are seen in the order they were said
  take_status_away();
  put(err_, line);
}

void Output::line(const Shown& text) { put_out(text.bytes(color_)); }

void Output::json(const Json& value) { put_out(dump(value, 2)); }
void Output::json_line(const Json& value, const Shown& before) {
  put_out(before.bytes(false) + dump(value, -1));
}

void Output::note(const Shown& text) {
  if (!quiet_) put_err(text.bytes(error_color_));
}

void Output::error(const Error& error) {
  std::fflush(out_);
  put_err(Shown("routerone: " + printable(error.message, longest_line), Color::red)
              .bytes(error_color_));
  if (!error.hint.empty())
    put_err(Shown("hint: " + printable(error.hint, longest_line)).bytes(false));
}

void Output::status(const Shown& text) {
  if (!error_moves_ || quiet_) return;
  std::fflush(out_);
  take_status_away();
  if (text.empty()) return;
  const auto room = static_cast<std::size_t>(columns_of(err_));
  std::fputs(text.cut(room - 1).bytes(error_color_).c_str(), err_);
  std::fflush(err_);
  status_shown_ = true;
}

bool Output::reader_gone() const {
  pollfd look{::fileno(out_), 0, 0};
  return ::poll(&look, 1, 0) == 1 && (look.revents & (POLLERR | POLLHUP)) != 0;
}

bool Output::flush() {
  if (std::fflush(out_) == 0 && !std::ferror(out_)) return true;
  broken_pipe_ = broken_pipe_ || errno == EPIPE;
  trouble_ = std::strerror(errno);
  return false;
}

}  // namespace routerone::cli
