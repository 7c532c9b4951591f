#pragma once

#include <csignal>

namespace routerone::cli {

/// Ctrl-C ends what is under way instead of the program, as long as this lives. One at a time.
class InterruptNoted {
 public:
  static constexpr int exit_code = 130;  ///< As shells count SIGINT.

  InterruptNoted() {
    seen_ = 0;
    struct sigaction note {};
    note.sa_handler = [](int) { seen_ = 1; };
    ::sigaction(SIGINT, &note, &before_);
  }
  ~InterruptNoted() { ::sigaction(SIGINT, &before_, nullptr); }
  InterruptNoted(const InterruptNoted&) = delete;
  InterruptNoted& operator=(const InterruptNoted&) = delete;

  bool seen() const { return seen_ != 0; }

 private:
  static inline volatile std::sig_atomic_t seen_ = 0;
  struct sigaction before_ {};
};

}  // namespace routerone::cli
