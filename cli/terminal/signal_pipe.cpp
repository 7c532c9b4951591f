#include "cli/terminal/signal_pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace routerone::cli {
namespace {

/// A handler has no other way to reach what it is for.
std::atomic<int> tell{-1};

void note(int signal) {
  const int before = errno;
  const auto number = static_cast<unsigned char>(signal);
  (void)!::write(tell.load(), &number, 1);
  errno = before;
}

}  // namespace

SignalPipe::SignalPipe(std::initializer_list<int> signals) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) return;  // then signals do what they always did
  for (const int end : ends) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
  read_ = Descriptor(ends[0]);
  write_ = Descriptor(ends[1]);
  tell = write_.get();
  for (const int signal : signals) hear(signal);
}

SignalPipe::~SignalPipe() {
  for (const Heard& one : heard_) ::sigaction(one.signal, &one.before, nullptr);
}

void SignalPipe::hear(int signal) {
  Heard one{signal, {}};
  ::sigaction(signal, nullptr, &one.before);
  if (one.before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
  heard_.push_back(one);
}

std::optional<int> SignalPipe::next() {
  unsigned char number = 0;
  if (::read(read_.get(), &number, 1) != 1) return std::nullopt;
  return number;
}

void SignalPipe::act_on(int signal) {
  for (const Heard& one : heard_) {
    if (one.signal != signal) continue;
    struct sigaction ours {};
    ::sigaction(signal, &one.before, &ours);
    ::raise(signal);
    ::sigaction(signal, &ours, nullptr);
  }
}

}  // namespace routerone::cli
