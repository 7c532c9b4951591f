#include "cli/terminal/output.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_line = 2'000;

bool set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value != '\0';
}

std::string_view code(Color color) {
  switch (color) {
    case Color::none:
      return "";
    case Color::red:
      return "\x1b[31m";
    case Color::green:
      return "\x1b[32m";
    case Color::yellow:
      return "\x1b[33m";
    case Color::cyan:
      return "\x1b[36m";
    case Color::dim:
      return "\x1b[2m";
    case Color::bold:
      return "\x1b[1m";
  }
  return "";
}

std::string painted(Color color, std::string_view text) {
  return std::string(code(color)) + std::string(text) + "\x1b[0m";
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
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
  const char* kind = std::getenv("TERM");
  return !(kind && std::strcmp(kind, "dumb") == 0);
}

Output::Output(std::FILE* out, std::FILE* err, Options options)
    : out_(out),
      err_(err),
      terminal_(::isatty(::fileno(out)) == 1),
      quiet_(options.quiet),
      color_(decide_color(options.color, terminal_)),
      error_color_(decide_color(options.color, ::isatty(::fileno(err)) == 1)) {}

int Output::width() const {
  constexpr int usual = 80;
  winsize size{};
  if (::ioctl(::fileno(out_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return usual;
}

void Output::line(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fputc('\n', out_);
}

void Output::json(const Json& value) { line(dump(value, 2)); }
void Output::json_line(const Json& value) { line(dump(value, -1)); }

void Output::note(std::string_view text) {
  if (quiet_) return;
  std::fwrite(text.data(), 1, text.size(), err_);
  std::fputc('\n', err_);
}

void Output::error(const Error& error) {
  std::fflush(out_);
  const std::string what = "routerone: " + printable(error.message, longest_line);
  std::fprintf(err_, "%s\n", error_color_ ? painted(Color::red, what).c_str() : what.c_str());
  if (!error.hint.empty())
    std::fprintf(err_, "hint: %s\n", printable(error.hint, longest_line).c_str());
}

std::string Output::paint(Color color, std::string_view text) const {
  return color_ && color != Color::none ? painted(color, text) : std::string(text);
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
