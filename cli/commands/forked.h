#pragma once

#include <sys/types.h>

#include <functional>

#include "common/core/result.h"

namespace routerone::cli {

/// A part of this program that runs in a process of its own: what it does to signals, the terminal
/// and its memory ends with it. Only where this process has one thread. The exit code of `body` is
/// that of the process; signals mean in it what they meant when this program began.
///
/// `apart`: in a process group of its own, where what the keyboard sends does not reach it.
Result<pid_t> start_forked(const std::function<int()>& body, bool apart);

/// Runs `body` so in the foreground and waits for its end: its exit code, or 128 and the number of
/// the signal that ended it. Meanwhile ^C is for it alone; a SIGTERM or SIGHUP goes on to it, and
/// ends us after it. The terminal is then as it was.
Result<int> run_forked(const std::function<int()>& body);

/// Waits for its end; as run_forked's.
int wait_for_end(pid_t);

}  // namespace routerone::cli
