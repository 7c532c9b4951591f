#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/core/result.h"
#include "common/platform/descriptor.h"

namespace routerone::cli {

/// Reads the daemon's log line by line, from a file it has turned away (`LOG.1` and older) on into
/// the next younger one, and at the end of the youngest as it grows.
class LogReader {
 public:
  /// From the oldest line there is; not_found: there is no log.
  static Result<LogReader> from_beginning(const std::filesystem::path& log);
  /// With at least so many of the last lines before it, if there are as many.
  static Result<LogReader> before_last(const std::filesystem::path& log, std::size_t lines);

  /// The next whole line, without its end; nullopt: there is none yet.
  std::optional<std::string> next();

 private:
  explicit LogReader(std::filesystem::path log) : log_(std::move(log)) {}
  bool open(const std::filesystem::path& file, std::uint64_t from);
  bool fill();
  bool is_turned_away() const;
  bool go_to_younger();
  std::optional<std::string> take(std::size_t end, std::size_t line_end);

  std::filesystem::path log_;
  Descriptor file_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::uint64_t read_ = 0;  ///< So much of the file.
  std::string buffer_;      ///< Read, and not given out yet.
  std::size_t given_ = 0;
};

}  // namespace routerone::cli
