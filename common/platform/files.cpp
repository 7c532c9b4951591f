#include "common/platform/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/core/text.h"
#include "common/platform/descriptor.h"

namespace routerone {
namespace {

namespace fs = std::filesystem;

std::string name_of(const fs::path& path) { return printable(path.string(), 256); }

tl::unexpected<Error> system_error(const char* what, const fs::path& path, int error) {
  ErrorKind kind = ErrorKind::internal;
  if (error == ENOENT || error == ENOTDIR) kind = ErrorKind::not_found;
  if (error == EACCES || error == EPERM || error == EROFS) kind = ErrorKind::unauthorized;
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) kind = ErrorKind::unavailable;
  return fail(kind, fmt::format("cannot {} {}: {}", what, name_of(path), std::strerror(error)));
}

Status check_private(const fs::path& dir) {
  struct stat info {};
  if (::lstat(dir.c_str(), &info) != 0) return system_error("look at", dir, errno);
  if (S_ISLNK(info.st_mode))
    return fail(ErrorKind::unauthorized,
                fmt::format("{} is a symbolic link; it must be a folder of its own", name_of(dir)));
  if (!S_ISDIR(info.st_mode))
    return fail(ErrorKind::conflict, fmt::format("{} is not a folder", name_of(dir)));
  if (info.st_uid != ::geteuid())
    return fail(ErrorKind::unauthorized, fmt::format("{} belongs to another user", name_of(dir)));
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail(ErrorKind::unauthorized, fmt::format("others may write into {}", name_of(dir)),
                fmt::format("chmod 700 '{}'", name_of(dir)));
  return {};
}

Result<std::string> read_all(int fd, const fs::path& path, std::size_t max_bytes) {
  std::string bytes;
  struct stat info {};
  if (::fstat(fd, &info) != 0) return system_error("read", path, errno);
  if (S_ISDIR(info.st_mode))
    return fail(ErrorKind::invalid, fmt::format("{} is a folder, not a file", name_of(path)));
  std::size_t room =
      static_cast<std::size_t>(info.st_size) + 1;  // one more, to see the end at once
  for (;;) {
    const std::size_t used = bytes.size();
    if (used > max_bytes)
      return fail(ErrorKind::invalid,
                  fmt::format("{} is larger than {} bytes", name_of(path), max_bytes));
    bytes.resize(used + std::min(std::max<std::size_t>(room, 4096), max_bytes + 1 - used));
    const auto got = ::read(fd, bytes.data() + used, bytes.size() - used);
    const int error = errno;
    bytes.resize(used + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return bytes;
    if (got < 0 && error != EINTR) return system_error("read", path, error);
    room = 0;
  }
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::write(fd, bytes.data(), bytes.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Opens the temporary file and holds a lock on it, so that two writers take turns and what a
/// killed writer left is used again instead of piling up.
Result<Descriptor> open_temporary(const fs::path& path) {
  for (;;) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return system_error("write", path, errno);
    while (::flock(file.get(), LOCK_EX) != 0)
      if (errno != EINTR) return system_error("lock", path, errno);
    struct stat mine {
    }, there{};
    if (::fstat(file.get(), &mine) != 0) return system_error("write", path, errno);
    if (::lstat(path.c_str(), &there) != 0 || mine.st_ino != there.st_ino ||
        mine.st_dev != there.st_dev)
      continue;  // the writer before us has just renamed it into place
    if (!S_ISREG(mine.st_mode) || mine.st_uid != ::geteuid())
      return fail(ErrorKind::unauthorized, fmt::format("{} is not ours", name_of(path)));
    if (::fchmod(file.get(), 0600) != 0 || ::ftruncate(file.get(), 0) != 0)
      return system_error("write", path, errno);
    return file;
  }
}

Status sync_dir(const fs::path& dir) {
  const Descriptor folder(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return system_error("open", dir, errno);
  // Some file systems cannot sync a folder and say EINVAL; they order renames by themselves.
  if (::fsync(folder.get()) != 0 && errno != EINVAL) return system_error("sync", dir, errno);
  return {};
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

Status ensure_private_dir(const fs::path& dir) {
  if (dir.empty()) return fail(ErrorKind::invalid, "the path of a folder is empty");
  if (::mkdir(dir.c_str(), 0700) == 0) return check_private(dir);
  if (errno == ENOENT) {
    const auto parent = dir.parent_path();
    struct stat info {};
    if (parent == dir || parent.empty()) return system_error("make", dir, ENOENT);
    if (::stat(parent.c_str(), &info) != 0) TRY_STATUS(ensure_private_dir(parent));
    if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST) return system_error("make", dir, errno);
  } else if (errno != EEXIST) {
    return system_error("make", dir, errno);
  }
  return check_private(dir);
}

Result<std::string> read_file(const fs::path& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error("read", path, errno);
  return read_all(file.get(), path, max_bytes);
}

Result<std::string> read_secret_file(const fs::path& path, std::size_t max_bytes) {
  // Not blocking: a named pipe in the place of a secret must not hang the daemon.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return system_error("read", path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error("read", path, errno);
  if (!S_ISREG(info.st_mode))
    return fail(ErrorKind::invalid, fmt::format("{} is not a regular file", name_of(path)));
  if (info.st_uid != ::geteuid() && info.st_uid != 0)
    return fail(ErrorKind::unauthorized, fmt::format("{} belongs to another user", name_of(path)));
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(ErrorKind::unauthorized,
                fmt::format("{} holds a secret and others may read it", name_of(path)),
                fmt::format("chmod 600 '{}'", name_of(path)));
  return read_all(file.get(), path, max_bytes);
}

Status write_file_atomic(const fs::path& path, std::string_view bytes) {
  auto temporary = path;
  temporary += ".tmp";
  TRY(const auto file, open_temporary(temporary));
  const bool written = write_all(file.get(), bytes) && ::fsync(file.get()) == 0 &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!written) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return system_error("write", path, error);
  }
  return sync_dir(folder_of(path));
}

Result<FileLock> FileLock::acquire(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return system_error("open", path, errno);
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return system_error("lock", path, errno);
    const auto text = read_all(file.get(), path, 64);
    const auto pid = text ? parse_uint(trim(split(*text, '\n').front())) : std::nullopt;
    return fail(ErrorKind::conflict,
                fmt::format("{} is held by {}", name_of(path),
                            pid ? fmt::format("process {}", *pid) : "another process"));
  }
  // For people and for the message above; the lock itself is what counts, so errors do not.
  if (::ftruncate(file.get(), 0) == 0) (void)write_all(file.get(), fmt::format("{}\n", ::getpid()));
  return FileLock(file.release());
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace routerone
