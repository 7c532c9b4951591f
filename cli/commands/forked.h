#pragma once

#include <signal.h>
#include <sys/types.h>

#include <functional>

#include "common/core/result.h"

namespace routerone::cli {

/// ^C and ^\ do nothing to this process as long as this lives, but all to what it forks off.
class KeyboardSignalsHeld {
 public:
  KeyboardSignalsHeld();
  ~KeyboardSignalsHeld();
  KeyboardSignalsHeld(const KeyboardSignalsHeld&) = delete;
  KeyboardSignalsHeld& operator=(const KeyboardSignalsHeld&) = delete;

 private:
  struct sigaction interrupt_ {
  }, quit_{};
};

/// A part of this program that runs in a process of its own: what it does to signals, the terminal
/// and its memory ends with it. Only where this process has one thread. The exit code of `body` is
/// that of the process; signals that this one catches mean in it what they mean to a new program.
///
/// `apart`: in a process group of its own, where what the keyboard sends does not reach it.
Result<pid_t> start_forked(const std::function<int()>& body, bool apart);

/// Runs `body` so in the foreground and waits for its end: its exit code, or 128 and the number of
/// the signal that ended it. Meanwhile ^C is for it alone; a SIGTERM or SIGHUP goes on to it, and
/// ends us after it. The terminal is then as it was, and as in a shell the row that ^C stands in is
/// ended there, and another signal named on stderr.
Result<int> run_forked(const std::function<int()>& body);

/// Waits for its end; as run_forked's.
int wait_for_end(pid_t);

}  // namespace routerone::cli
