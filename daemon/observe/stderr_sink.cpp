#include "daemon/observe/stderr_sink.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

namespace routerone {
namespace {

constexpr int patience_ms = 500;

bool writable(int wait_ms) {
  pollfd stderr_only{STDERR_FILENO, POLLOUT, 0};
  return ::poll(&stderr_only, 1, wait_ms) == 1 && (stderr_only.revents & POLLOUT) != 0;
}

}  // namespace

/// A pipe that polls as writable takes PIPE_BUF bytes without waiting; more could wait.
bool StderrSink::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!writable(stalled_ ? 0 : patience_ms)) {
      stalled_ = true;
      return false;
    }
    const std::size_t some = std::min<std::size_t>(bytes.size(), PIPE_BUF);
    const ssize_t written = ::write(STDERR_FILENO, bytes.data(), some);
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  stalled_ = false;
  return true;
}

void StderrSink::write_line(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  if (!write_all({line.data(), line.size()})) ++dropped_;
  if (file_) file_->wrote(line.size());
}

void StderrSink::report_dropped(const spdlog::details::log_msg& at) {
  const std::uint64_t dropped = dropped_ + dropped_before_();
  if (dropped == reported_ || !writable(0)) return;
  const bool json = at.payload.size() > 0 && at.payload[0] == '"';
  std::string text = std::to_string(dropped - reported_) + " log lines were dropped";
  if (json) text = "\"message\":\"" + text + "\"";
  spdlog::details::log_msg note = at;
  note.level = spdlog::level::warn;
  note.payload = text;
  reported_ = dropped;
  write_line(note);
}

void StderrSink::sink_it_(const spdlog::details::log_msg& message) {
  report_dropped(message);
  write_line(message);
}

}  // namespace routerone
