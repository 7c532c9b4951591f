#include "daemon/observe/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "common/platform/descriptor.h"

namespace routerone {
namespace {

namespace fs = std::filesystem;

bool become_stderr(const fs::path& file) {
  const Descriptor opened(
      ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  return opened && ::fchmod(opened.get(), 0600) == 0 && ::dup2(opened.get(), STDERR_FILENO) >= 0;
}

fs::path numbered(const fs::path& file, int number) {
  fs::path name = file;
  if (number > 0) name += "." + std::to_string(number);
  return name;
}

}  // namespace

Status log_in_place_of_stderr(const fs::path& file) {
  if (become_stderr(file)) return {};
  return fail(ErrorKind::internal,
              "cannot open the log " + file.string() + ": " + std::strerror(errno));
}

LogFile::LogFile(fs::path file, Limits limits) : file_(std::move(file)), limits_(limits) {
  struct stat now {};
  if (::fstat(STDERR_FILENO, &now) == 0) size_ = static_cast<std::uint64_t>(now.st_size);
}

void LogFile::wrote(std::uint64_t bytes) {
  size_ += bytes;
  if (size_ >= limits_.bytes) turn();
}

/// Should the folder not let us, the log goes on where it is, and the next try comes as late.
void LogFile::turn() {
  size_ = 0;
  for (int number = limits_.files - 1; number > 0; --number)
    (void)std::rename(numbered(file_, number - 1).c_str(), numbered(file_, number).c_str());
  (void)become_stderr(file_);
}

}  // namespace routerone
