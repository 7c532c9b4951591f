#include "cli/terminal/full_screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace routerone::cli {
namespace {

// xterm's: the other screen, no cursor, no wrapping at the margin; and back.
constexpr const char* begin = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J";
constexpr const char* end = "\x1b[?7h\x1b[?25h\x1b[?1049l";

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

FullScreen::FullScreen()
    : signals_({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH}) {
  ::tcgetattr(STDIN_FILENO, &before_);
  enter();
}

FullScreen::~FullScreen() { leave(); }

void FullScreen::enter() {
  termios keys = before_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    columns_ = size.ws_col;
    rows_ = size.ws_row;
  }
  put(begin);
}

void FullScreen::leave() {
  put(end);
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

void FullScreen::draw(const std::vector<std::string>& rows) {
  std::string text = "\x1b[H";
  for (std::size_t i = 0; i < rows.size() && i < static_cast<std::size_t>(rows_); ++i)
    text += (i == 0 ? "" : "\r\n") + rows[i] + "\x1b[0m\x1b[K";
  put(text + "\x1b[J");
}

std::optional<FullScreen::Event> FullScreen::hear(int signal) {
  switch (signal) {
    case SIGTSTP:
      leave();
      signals_.act_on(SIGTSTP);
      [[fallthrough]];
    case SIGWINCH:
    case SIGCONT:
      enter();
      return Event::resized;
    case SIGINT:
      return Event::key;
    default:
      ended_by_ = signal;
      return Event::ended;
  }
}

FullScreen::Event FullScreen::wait(int descriptor, Millis at_most) {
  pollfd look[] = {
      {STDIN_FILENO, POLLIN, 0}, {signals_.descriptor(), POLLIN, 0}, {descriptor, POLLIN, 0}};
  const int ready = ::poll(look, 3, static_cast<int>(at_most.count()));
  std::optional<Event> heard;
  while (const auto signal = signals_.next()) {
    heard = hear(*signal);
    if (heard == Event::ended || heard == Event::key) break;
  }
  if (heard) return *heard;
  if (ready <= 0) return Event::time_over;
  if (look[0].revents != 0) {
    char keys[64];
    (void)!::read(STDIN_FILENO, keys, sizeof keys);
    return Event::key;
  }
  return look[2].revents != 0 ? Event::readable : Event::time_over;
}

void clear_screen() { put("\x1b[H\x1b[2J"); }

}  // namespace routerone::cli
