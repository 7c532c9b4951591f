#pragma once

#include <cstdint>
#include <filesystem>

#include "common/core/result.h"

namespace routerone {

/// From here on stderr is that file: mode 0600, written at its end. What a library or a sanitizer
/// says goes there too.
Status log_in_place_of_stderr(const std::filesystem::path& file);

/// Keeps the log file that stderr is small. When it is full it becomes FILE.1, that one FILE.2, and
/// so on, the oldest goes, and stderr is a new file. Used by the log's one thread only.
class LogFile {
 public:
  struct Limits {
    std::uint64_t bytes = std::uint64_t{10} << 20;  ///< Of one file.
    int files = 5;                                  ///< The one that is written included.
  };
  explicit LogFile(std::filesystem::path file, Limits limits);
  explicit LogFile(std::filesystem::path file) : LogFile(std::move(file), Limits()) {}

  /// So much was written to stderr.
  void wrote(std::uint64_t bytes);

 private:
  void turn();
  std::filesystem::path file_;
  Limits limits_;
  std::uint64_t size_ = 0;
};

}  // namespace routerone
