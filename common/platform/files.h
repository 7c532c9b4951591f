#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace routerone {

/// Creates `dir` (and its parents) with mode 0700 and checks that it is ours and nobody else's to
/// write; a symbolic link, a foreign owner or a group-writable folder is an error.
Status ensure_private_dir(const std::filesystem::path& dir);

/// The whole file, at most `max_bytes`. not_found if there is none.
Result<std::string> read_file(const std::filesystem::path&, std::size_t max_bytes = 64 << 20);

/// As read_file, and refuses a file that group or others may read (the ssh habit).
Result<std::string> read_secret_file(const std::filesystem::path&,
                                     std::size_t max_bytes = 64 << 10);

/// Replaces the file in one step: temporary file beside it (NAME.tmp), mode 0600, fsync, rename,
/// fsync of the folder. On error the old file stands unharmed. Writers of one file take turns.
Status write_file_atomic(const std::filesystem::path&, std::string_view bytes);

/// An flock(2) held as long as this lives; dies with the process, so it is never stale.
class FileLock {
 public:
  /// conflict, with the holder's pid in the message, if another process holds it.
  static Result<FileLock> acquire(const std::filesystem::path&);
  FileLock(FileLock&&) noexcept;
  FileLock& operator=(FileLock&&) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace routerone
