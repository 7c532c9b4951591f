#pragma once

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "daemon/observe/log_file.h"

namespace routerone {

/// Writes lines to stderr, and gives a reader that stalls no more than a moment: then lines are
/// dropped until it reads again, and the next line says how many. So a log that is closed, and a
/// daemon that stops, never hang on a full pipe. Used by the log's one thread only.
class StderrSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  /// `dropped_before`: how many lines never came here, since the start.
  /// `file`: the log file that stderr is, if it is one.
  StderrSink(std::function<std::uint64_t()> dropped_before, const std::filesystem::path& file)
      : dropped_before_(std::move(dropped_before)) {
    if (!file.empty()) file_.emplace(file);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg&) override;
  void flush_() override {}

 private:
  bool write_all(std::string_view bytes);
  void report_dropped(const spdlog::details::log_msg& at);
  void write_line(const spdlog::details::log_msg&);

  std::function<std::uint64_t()> dropped_before_;
  std::optional<LogFile> file_;
  std::uint64_t dropped_ = 0;   // here
  std::uint64_t reported_ = 0;  // of both
  bool stalled_ = false;
};

}  // namespace routerone
