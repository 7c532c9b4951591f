#pragma once

#include <termios.h>

#include <optional>
#include <string>
#include <vector>

#include "cli/terminal/signal_pipe.h"
#include "common/core/clock.h"

namespace routerone::cli {

/// The whole terminal, for something that is drawn again and again. What stood there comes back
/// when this goes, also on Ctrl-Z and on the signals that end a program.
class FullScreen {
 public:
  FullScreen();
  ~FullScreen();
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;

  int columns() const { return columns_; }
  int rows() const { return rows_; }

  /// Rows from the top; they may have colours but nothing else that moves. What does not fit is
  /// cut.
  void draw(const std::vector<std::string>& rows);

  enum class Event {
    time_over,
    readable,  ///< The descriptor that was named.
    resized,   ///< Or shown again after Ctrl-Z: draw.
    key,       ///< Any; Ctrl-C too.
    ended,     ///< By the signal `ended_by`.
  };
  /// -1: no descriptor.
  Event wait(int descriptor, Millis at_most);
  std::optional<int> ended_by() const { return ended_by_; }

 private:
  void enter();
  void leave();
  std::optional<Event> hear(int signal);

  SignalPipe signals_;
  termios before_{};
  int columns_ = 80, rows_ = 24;
  std::optional<int> ended_by_;
};

/// Clears the terminal of stdout.
void clear_screen();

}  // namespace routerone::cli
